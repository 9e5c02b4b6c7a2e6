import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { CoverageCollection } from '../api/types';
import { count, number, percent, t } from '../i18n';
import { connectionEpoch } from '../live';
import type { BaseMap } from '../map';
import { classOf, rsrpLadder } from '../map/coverage-ladder';
import { CoverageSource } from '../map/coverage-source';
import { operatorName } from '../state/info';
import { MapFrame } from './map-frame';
import { ErrorNote } from './notes';

const refreshMs = 30_000;

interface Layer { setData: (data: CoverageCollection) => void; select: (tile: string | null) => void }

/** Measured coverage of one operator, with its legend and the tile that is selected. */
export function CoverageMap({ plmn, area }: { plmn: string; area: string }) {
  const source = useMemo(() => new CoverageSource((tile, operator, signal) =>
    api.coverageTile(tile, { metric: 'rsrp', plmn: operator }, signal)), []);
  const [base, setBase] = useState<BaseMap | null>(null);
  const [collection, setCollection] = useState<CoverageCollection | null>(null);
  const [failed, setFailed] = useState<unknown>(undefined);
  const [selected, setSelected] = useState<string | null>(null);
  const layer = useRef<Layer | null>(null);
  const load = useRef<() => void>(() => undefined);
  const epoch = connectionEpoch.value;

  useEffect(() => {
    if (!base) return undefined;
    setCollection(null);
    setSelected(null);
    layer.current?.setData({ type: 'FeatureCollection', features: [] });
    const read = async (): Promise<void> => {
      const bounds = base.map.getBounds();
      const view = await source.view(
        { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() }, base.map.getZoom(), plmn);
      if (!view) return;
      setFailed(view.failed);
      setCollection(view.collection);
      layer.current?.setData(view.collection);
    };
    const run = (): void => void read();
    load.current = run;
    run();
    base.map.on('moveend', run);
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') run();
    }, refreshMs);
    return () => {
      base.map.off('moveend', run);
      clearInterval(timer);
      source.cancel();
    };
  }, [base, plmn, source, epoch]);

  useEffect(() => {
    if (base && area !== '') base.goTo(area);
  }, [base, area]);

  useEffect(() => layer.current?.select(selected), [selected]);

  const onReady = (made: BaseMap, { CoverageLayer }: typeof import('../map')): (() => void) => {
    layer.current = new CoverageLayer(made, setSelected);
    setBase(made);
    return () => {
      layer.current = null;
      setBase(null);
    };
  };

  return (
    <div class="coverage-map">
      {failed !== undefined && <ErrorNote error={failed} onRetry={() => load.current()} />}
      <MapFrame onReady={onReady} />
      <aside class="side">
        <Legend collection={collection} />
        <Selected collection={collection} tile={selected} onSelect={setSelected} />
      </aside>
    </div>
  );
}

/** The ladder with how many of the tiles in view are in each class: the map's content without its colours. */
function Legend({ collection }: { collection: CoverageCollection | null }) {
  const total = collection?.features.length;
  const inClass = (code: string): number | undefined =>
    collection?.features.filter(feature => classOf(feature.properties.median)?.code === code).length;
  return (
    <section class="card" aria-labelledby="ladder">
      <h3 id="ladder">{t('coverage.legend')}</h3>
      <table class="ladder" data-testid="coverage-legend">
        <thead>
          <tr>
            <th scope="col">{t('coverage.class')}</th><th scope="col">dBm</th>
            <th scope="col" class="number">{t('coverage.tiles')}</th><th scope="col" class="number">{t('coverage.share')}</th>
          </tr>
        </thead>
        <tbody>
          {rsrpLadder.map((step, index) => {
            const n = inClass(step.code);
            return (
              <tr key={step.code}>
                <th scope="row"><span class="swatch" style={{ background: step.colour }} aria-hidden="true" />{t(step.text)}</th>
                <td>{rangeText(index)}</td>
                <td class="number">{count(n)}</td>
                <td class="number">{percent(total && n !== undefined ? n / total : null)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="small"><span class="swatch empty" aria-hidden="true" />{t('coverage.unknown')}</p>
      <p class="small muted" data-testid="coverage-count">{t('coverage.inView', { count: count(total) })}</p>
    </section>
  );
}

function rangeText(index: number): string {
  const from = rsrpLadder[index]?.from ?? -Infinity;
  const above = rsrpLadder[index - 1]?.from;
  if (above === undefined) return `≥ ${count(from)}`;
  return from === -Infinity ? `< ${count(above)}` : `${count(from)} … ${count(above)}`;
}

interface SelectedProps { collection: CoverageCollection | null; tile: string | null; onSelect: (tile: string | null) => void }

function Selected({ collection, tile, onSelect }: SelectedProps) {
  const features = collection?.features ?? [];
  const index = features.findIndex(feature => feature.properties.tile === tile);
  const properties = features[index]?.properties;
  const step = (by: number): void => {
    const next = index < 0 ? (by > 0 ? 0 : features.length - 1) : (index + by + features.length) % features.length;
    onSelect(features[next]?.properties.tile ?? null);
  };
  const level = classOf(properties?.median);
  return (
    <section class="card" aria-labelledby="selected" aria-live="polite" data-testid="coverage-selected">
      <h3 id="selected">{t('coverage.selected')}</h3>
      {properties ? (
        <dl class="facts">
          <dt>{t('coverage.median')}</dt><dd><strong data-testid="coverage-median">{number(properties.median)} dBm</strong></dd>
          <dt>{t('coverage.class')}</dt><dd>{level && <><span class="swatch" style={{ background: level.colour }} aria-hidden="true" />{t(level.text)}</>}</dd>
          <dt>{t('coverage.samples')}</dt><dd data-testid="coverage-samples">{count(properties.samples)}</dd>
          <dt>{t('coverage.operator')}</dt><dd>{operatorName(properties.plmn)}</dd>
          <dt>{t('coverage.tile')}</dt><dd><code>{properties.tile}</code></dd>
        </dl>
      ) : <p class="muted">{t('coverage.pick')}</p>}
      <div class="stepper" role="group" aria-label={t('coverage.stepThrough')}>
        <button type="button" disabled={features.length === 0} onClick={() => step(-1)}>‹ {t('coverage.previousTile')}</button>
        <button type="button" disabled={features.length === 0} data-testid="next-tile" onClick={() => step(1)}>{t('coverage.nextTile')} ›</button>
      </div>
    </section>
  );
}
