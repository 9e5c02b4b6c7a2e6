import { useEffect, useMemo, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { DeviceDetail, LatestValue, ReadingEvent } from '../api/types';
import { addLivePoint, type LivePoint } from '../charts/series-data';
import { DeviceSeries } from '../components/device-series';
import { ErrorNote, Loading } from '../components/notes';
import { Status } from '../components/status';
import { count, degrees, number, t, time, unit as unitText } from '../i18n';
import { live } from '../live';
import { now } from '../state/clock';
import { areaName, info, kindName, metricLabel, unitOfMetric } from '../state/info';
import { mergeLatest } from '../state/latest';
import { useResource } from '../state/resource';
import { route } from '../state/router';

const refreshMs = 60_000;

export function DevicePage() {
  const current = route.value;
  if (current.page !== 'device') return null;
  return <DeviceView key={current.id} id={current.id} />;
}

type LiveByMetric = ReadonlyMap<string, LivePoint[]>;

function DeviceView({ id }: { id: string }) {
  const detail = useResource(`device ${id}`, signal => api.device(id, signal), { everyMs: refreshMs });
  const [latestLive, setLatestLive] = useState<LatestValue[]>([]);
  const [points, setPoints] = useState<LiveByMetric>(new Map());
  const exists = detail.data !== undefined;

  useEffect(() => {
    if (!exists) return undefined;
    return live.watch<ReadingEvent>('Device', id, 'reading', reading => {
      if (reading.device !== id) return;
      setLatestLive(before => mergeLatest(before, [reading]));
      setPoints(before => {
        const next = new Map(before);
        for (const [metric, value] of Object.entries(reading.values)) {
          next.set(metric, addLivePoint(next.get(metric) ?? [], { timeMs: reading.timeMs, value }));
        }
        return next;
      });
    });
  }, [id, exists]);

  const latest = useMemo(() => {
    const asReadings = latestLive.map(v => ({ device: id, kind: v.kind, timeMs: Date.parse(v.time), values: { [v.metric]: v.value as number } }));
    return mergeLatest(detail.data?.latest ?? [], asReadings);
  }, [detail.data, latestLive, id]);

  return (
    <div class="page device">
      <p class="crumb"><a href="/devices">‹ {t('device.back')}</a></p>
      <h1 class="id">{id}</h1>
      {detail.error !== undefined && <ErrorNote error={detail.error} onRetry={detail.reload} />}
      {!detail.data && detail.error === undefined && <Loading />}
      {detail.data && (
        <div class="device-grid">
          <Identity device={detail.data} latest={latest} />
          <Latest values={latest} />
          <DeviceSeries id={id} kind={detail.data.kind} metrics={metricsOf(detail.data, latest)} live={points} />
        </div>
      )}
    </div>
  );
}

/** What can be charted: what the device has sent, in the order of its kind; before the first reading, what its kind sends. */
function metricsOf(device: DeviceDetail, latest: readonly LatestValue[]): string[] {
  const kind = info.value?.kinds.find(k => k.code === device.kind);
  const sent = new Set(latest.map(value => value.metric));
  const known = kind?.metrics.map(m => m.name) ?? [];
  const ordered = [...known.filter(name => sent.has(name)), ...[...sent].filter(name => !known.includes(name))];
  const main = kind?.mainMetric;
  const metrics = ordered.length > 0 ? ordered : known;
  return main && metrics.includes(main) ? [main, ...metrics.filter(name => name !== main)] : metrics;
}

function Identity({ device, latest }: { device: DeviceDetail; latest: readonly LatestValue[] }) {
  // The API's status is as old as its answer; readings have come since, or have failed to.
  // A device whose clock is ahead has not been heard in the future.
  const heardMs = Math.max(device.lastSeen ? Date.parse(device.lastSeen) : -Infinity, ...latest.map(v => Math.min(now.value, Date.parse(v.time))));
  const silentAfterMs = (info.value?.silentAfterSeconds ?? 0) * 1000;
  const status = !Number.isFinite(heardMs) || silentAfterMs === 0 ? device.status
    : now.value - heardMs <= silentAfterMs ? 'online' : 'silent';
  const hasPosition = device.latitude !== null && device.longitude !== null;
  return (
    <section class="card" aria-labelledby="identity">
      <h2 id="identity">{t('device.identity')}</h2>
      <dl class="facts">
        <dt>{t('devices.status')}</dt><dd data-testid="device-status" data-status={status}><Status status={status} /></dd>
        <dt>{t('devices.kind')}</dt><dd>{kindName(device.kind)}</dd>
        <dt>{t('devices.region')}</dt><dd>{areaName(device.region)}</dd>
        <dt>{t('devices.unit')}</dt><dd>{areaName(device.unit)}</dd>
        <dt>{t('device.position')}</dt>
        <dd>{hasPosition ? `${degrees(device.latitude)}; ${degrees(device.longitude)}` : degrees(null)}</dd>
        <dt>{t('devices.lastSeen')}</dt><dd>{time(Number.isFinite(heardMs) ? heardMs : null)}</dd>
        <dt>{t('device.clock')}</dt><dd data-testid="device-clock" data-clock={device.clock}><Clock device={device} /></dd>
        <dt>{t('devices.registered')}</dt><dd>{time(device.registered)}</dd>
      </dl>
      <p class="muted small">{t('app.timezone')}</p>
    </section>
  );
}

function Clock({ device }: { device: DeviceDetail }) {
  const seconds = device.clockOffsetSeconds === null ? '' : count(Math.abs(Math.round(device.clockOffsetSeconds)));
  const isWrong = device.clock === 'ahead' || device.clock === 'behind';
  return <span class={isWrong ? 'clock wrong' : 'clock'}>{isWrong && <span aria-hidden="true">⚠ </span>}{t(`device.clock.${device.clock}`, { seconds })}</span>;
}

function Latest({ values }: { values: readonly LatestValue[] }) {
  return (
    <section class="card" aria-labelledby="latest">
      <h2 id="latest">{t('device.latest')}</h2>
      {values.length === 0 ? <p class="muted">{t('state.empty')}</p> : (
        <div class="scroll">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{t('device.metric')}</th>
                <th scope="col" class="number">{t('device.value')}</th>
                <th scope="col">{t('device.unitOfMeasure')}</th>
                <th scope="col">{t('device.time')}</th>
              </tr>
            </thead>
            <tbody>{values.map(value => <LatestRow key={`${value.kind}/${value.metric}`} value={value} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function LatestRow({ value: { kind, metric, unit, time: measured, value } }: { value: LatestValue }) {
  return (
    <tr>
      <th scope="row">{metricLabel(kind, metric)} <small class="muted">{metric}</small></th>
      {/* A new key is a new element: its highlight starts anew with each measurement. */}
      <td class="number value"><span key={measured} class="fresh" data-testid={`latest-${metric}`} data-value={value ?? ''}>{number(value)}</span></td>
      <td>{unitText(unit ?? unitOfMetric(kind, metric))}</td>
      <td class="time">{time(measured)}</td>
    </tr>
  );
}
