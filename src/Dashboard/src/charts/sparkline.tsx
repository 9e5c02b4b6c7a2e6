import { rate, t } from '../i18n';
import type { RatePoint } from '../state/history';
import { height, sparklinePath, width } from './sparkline-path';

const leastSpanMs = 30_000; // a young history is drawn wider, not as a dot

/** A rate over the last minutes, from zero; lines break where a second or more is missing. */
export function Sparkline({ points, spanSeconds }: { points: readonly RatePoint[]; spanSeconds: number }) {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} aria-hidden="true" />;
  const values = points.map(p => p.value);
  const highest = Math.max(...values);
  const label = t('overview.sparkline', { seconds: spanSeconds, min: rate(Math.min(...values)), max: rate(highest) });
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <path d={sparklinePath(points, Math.max(last.timeMs - spanSeconds * 1000, Math.min(first.timeMs, last.timeMs - leastSpanMs)), last.timeMs, highest)} />
    </svg>
  );
}
