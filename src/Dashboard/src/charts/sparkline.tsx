import { rate, t } from '../i18n';
import type { RateHistory } from '../state/history';

const width = 120;
const height = 28;

/** A rate over the last minutes, from zero; lines break where a second or more is missing. */
export function Sparkline({ history }: { history: RateHistory }) {
  const points = history.points;
  const last = points.at(-1);
  if (!last || points.length < 2) return <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" />;
  const values = points.map(p => p.value);
  const highest = Math.max(...values);
  const label = t('overview.sparkline', { seconds: history.spanSeconds, min: rate(Math.min(...values)), max: rate(highest) });
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <path d={sparklinePath(points, last.timeMs - history.spanSeconds * 1000, last.timeMs, highest)} />
    </svg>
  );
}

const gapMs = 3_500;

export function sparklinePath(points: ReadonlyArray<{ timeMs: number; value: number }>, from: number, to: number, highest: number): string {
  const scale = highest > 0 ? (height - 3) / highest : 0;
  let before = -Infinity;
  return points.map(({ timeMs, value }) => {
    const command = timeMs - before > gapMs ? 'M' : 'L';
    before = timeMs;
    const x = ((timeMs - from) / (to - from)) * width;
    return `${command}${x.toFixed(1)} ${(height - 1.5 - value * scale).toFixed(1)}`;
  }).join('');
}
