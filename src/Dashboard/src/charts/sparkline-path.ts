export const width = 120;
export const height = 28;

const gapMs = 3_500;

/** An SVG path from zero to the highest value; it breaks where seconds are missing. */
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
