import { useMemo, useState } from 'preact/hooks';
import { api } from '../api/client';
import { properMean, type Series, type SeriesRow } from '../api/types';
import { SeriesChart } from '../charts/series-chart';
import { seriesColumns, stepFor, totalIncrease, type LivePoint } from '../charts/series-data';
import { count, duration, number, t, time, unit as unitText } from '../i18n';
import { now } from '../state/clock';
import { info, metricLabel, unitOfMetric } from '../state/info';
import { useResource } from '../state/resource';
import { Select } from './fields';
import { Empty, ErrorNote, Loading } from './notes';

const ranges = [900, 3600, 21_600, 86_400, 604_800] as const;

type Range = typeof ranges[number];

interface DeviceSeriesProps { id: string; kind: string; metrics: string[]; live: ReadonlyMap<string, LivePoint[]> }

/** Chart and table of one metric of a device. */
export function DeviceSeries({ id, kind, metrics, live }: DeviceSeriesProps) {
  const [chosen, setChosen] = useState('');
  const [range, setRange] = useState<Range>(900);
  const metric = metrics.includes(chosen) ? chosen : metrics[0] ?? '';
  const windowSeconds = info.value?.windowSeconds ?? 60;
  const step = stepFor(range, windowSeconds);

  const series = useResource(`series ${JSON.stringify([id, metric, range])}`, signal => {
    const to = Date.now();
    return api.deviceSeries(id, metric, { from: new Date(to - range * 1000).toISOString(), to: new Date(to).toISOString(), step }, signal);
  }, { everyMs: Math.max(10_000, (windowSeconds * 1000) / 2), enabled: metric !== '' });

  return (
    <section class="card series" aria-labelledby="series">
      <div class="card-head">
        <h2 id="series">{t('device.chart')}</h2>
        <Select label={t('device.metric')} value={metric} onChange={setChosen} testId="metric-select">
          {metrics.map(name => <option key={name} value={name}>{metricLabel(kind, name)} ({name})</option>)}
        </Select>
        <Select label={t('device.range')} value={String(range)} onChange={value => setRange(Number(value) as Range)} testId="range-select">
          {ranges.map(seconds => <option key={seconds} value={String(seconds)}>{t(`device.range.${seconds}`)}</option>)}
        </Select>
      </div>
      {series.error !== undefined && <ErrorNote error={series.error} onRetry={series.reload} />}
      {metric === '' ? <Empty /> : series.data
        ? <Plot kind={kind} metric={metric} range={range} series={series.data} live={live.get(metric) ?? none} />
        : series.error === undefined && <Loading />}
    </section>
  );
}

const none: LivePoint[] = [];

interface PlotProps { kind: string; metric: string; range: Range; series: Series; live: LivePoint[] }

function Plot({ kind, metric, range, series, live }: PlotProps) {
  const to = now.value / 1000;
  const from = to - range;
  const shownLive = useMemo(() => live.filter(p => p.timeMs / 1000 >= from), [live, Math.floor(from)]);
  const columns = useMemo(() => seriesColumns(series.rows, series.stepSeconds, shownLive), [series, shownLive]);
  const total = useMemo(() => totalIncrease(series.rows), [series]);
  const unit = unitText(series.unit ?? unitOfMetric(kind, metric));
  if (series.rows.length === 0 && shownLive.length === 0) return <Empty text={t('device.noSeries')} />;
  return (
    <>
      <SeriesChart columns={columns} unit={unit} from={from} to={to} label={summary(metricLabel(kind, metric), series.rows, live)} />
      {total && (
        <p data-testid="series-increase">
          {t('device.increaseTotal')}: <strong>{number(total.increase)} {unit}</strong>
          {total.resets > 0 && ` (${t('device.resets', { count: count(total.resets) })})`}
        </p>
      )}
      <p class="muted small">{t('device.chartNote', { step: duration(series.stepSeconds) })} {t('app.timezone')}.</p>
      <SeriesTable rows={series.rows} isCounter={total !== null} />
    </>
  );
}

function summary(name: string, rows: readonly SeriesRow[], live: readonly LivePoint[]): string {
  const known = (values: Array<number | null>): number[] => values.filter(v => v !== null);
  const lows = known(rows.map(row => row.min));
  const highs = known(rows.map(row => row.max));
  return t('device.chartSummary', {
    metric: name,
    count: count(rows.length),
    min: number(lows.length > 0 ? Math.min(...lows) : null),
    max: number(highs.length > 0 ? Math.max(...highs) : null),
    last: number(live.at(-1)?.value ?? rows.at(-1)?.last),
  });
}

const tableRows = 30;

/** The newest rows as text, for those who cannot see the chart or need the figures. */
function SeriesTable({ rows, isCounter }: { rows: readonly SeriesRow[]; isCounter: boolean }) {
  return (
    <details>
      <summary>{t('device.table')}</summary>
      <div class="scroll">
        <table class="list" data-testid="series-table">
          <thead>
            <tr>
              <th scope="col">{t('device.window')}</th>
              {(['count', 'min', 'mean', 'max', 'p95'] as const).map(name => <th key={name} scope="col" class="number">{t(`device.${name}`)}</th>)}
              {isCounter && <th scope="col" class="number">{t('device.increase')}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.slice(-tableRows).reverse().map(row => (
              <tr key={row.start}>
                <th scope="row" class="time">{time(row.start)}</th>
                <td class="number">{count(row.count)}</td>
                <td class="number">{number(row.min)}</td>
                <td class="number">{number(properMean(row))}</td>
                <td class="number">{number(row.max)}</td>
                <td class="number">{number(row.p95)}</td>
                {isCounter && <td class="number">{number(row.increase)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
