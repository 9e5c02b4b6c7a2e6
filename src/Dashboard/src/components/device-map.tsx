import { effect } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api, readAll } from '../api/client';
import type { MapEvent } from '../api/types';
import { count, language, t } from '../i18n';
import { live } from '../live';
import type { BaseMap, ColourBy } from '../map';
import { DeviceStore } from '../map/device-store';
import { kindColour } from '../map/palette';
import { info, kindName } from '../state/info';
import { useResource } from '../state/resource';
import { devicePath, navigate } from '../state/router';
import { deviceTip } from './device-tip';
import { Select } from './fields';
import { MapFrame } from './map-frame';
import { ErrorNote } from './notes';

const mostDevices = 20_000;
const pageSize = 500;
const refreshMs = 60_000; // for what live events do not tell: devices that fall silent, that are new or are removed

interface Layer { setData: (data: ReturnType<DeviceStore['collection']>) => void; setColourBy: (by: ColourBy) => void; refresh: () => void; refreshTip: () => void }

/** All devices with a position, live. */
export function DeviceMap() {
  const system = info.value;
  const store = useMemo(() => new DeviceStore((system?.silentAfterSeconds ?? 0) * 1000, mostDevices), [system?.silentAfterSeconds]);
  const layer = useRef<Layer | null>(null);
  const [colourBy, setColourBy] = useState<ColourBy>('status');
  const [shown, setShown] = useState<number | null>(null);

  const list = useResource('map-devices', signal =>
    readAll(after => api.devices({ limit: pageSize, after }, signal), mostDevices), { everyMs: refreshMs });

  useEffect(() => {
    if (!list.data) return;
    store.load(list.data.items, Date.now());
    layer.current?.setData(store.collection());
    setShown(store.size);
  }, [list.data, store]);

  useEffect(() => live.watch<MapEvent>('Map', null, 'map', ({ points }) => {
    if (store.apply(points, Date.now())) {
      layer.current?.setData(store.collection());
      setShown(store.size);
    }
    layer.current?.refreshTip();
  }), [store]);

  useEffect(() => layer.current?.setColourBy(colourBy), [colourBy]);

  const onReady = (base: BaseMap, { DeviceLayer }: typeof import('../map')): (() => void) => {
    const made = new DeviceLayer(base, { onOpen: id => navigate(devicePath(id)), describe: id => deviceTip(store.get(id), id) });
    layer.current = made;
    made.setColourBy(colourBy);
    made.setData(store.collection());
    const endLanguage = effect(() => {
      if (language.value) made.refresh();
    });
    return () => {
      endLanguage();
      layer.current = null;
    };
  };

  return (
    <div class="device-map">
      {list.error !== undefined && <ErrorNote error={list.error} onRetry={list.reload} />}
      <div class="map-bar">
        <Select label={t('map.colourBy')} value={colourBy} onChange={value => setColourBy(value === 'kind' ? 'kind' : 'status')}>
          <option value="status">{t('map.byStatus')}</option>
          <option value="kind">{t('map.byKind')}</option>
        </Select>
        <span class="muted small">
          {t('map.shown', { count: count(shown) })}
          {list.data?.truncated && <> {t('map.truncated', { count: count(mostDevices) })}</>}
        </span>
      </div>
      <MapFrame onReady={onReady} />
      <Legend colourBy={colourBy} />
    </div>
  );
}

function Legend({ colourBy }: { colourBy: ColourBy }) {
  return (
    <ul class="legend" aria-label={t('map.legend')}>
      {colourBy === 'kind' && info.value?.kinds.map((kind, index) => (
        <li key={kind.code}><span class="swatch" style={{ background: kindColour(index) }} aria-hidden="true" />{kindName(kind.code)}</li>
      ))}
      {colourBy === 'status' && <li><span class="dot online" aria-hidden="true" />{t('status.online')}</li>}
      <li><span class="dot silent" aria-hidden="true" />{t('status.silent')}</li>
      <li><span class="cluster-sample" aria-hidden="true" />{t('map.clusterLegend')}</li>
    </ul>
  );
}
