import type { LatestValue, ReadingEvent } from '../api/types';

/** Latest values by kind and metric, from the API and from live readings: the last measured wins, not the last received. */
export function mergeLatest(values: readonly LatestValue[], readings: readonly ReadingEvent[]): LatestValue[] {
  const merged = new Map(values.map(value => [`${value.kind}/${value.metric}`, value]));
  for (const { kind, timeMs, values: measured } of readings) {
    for (const [metric, value] of Object.entries(measured)) {
      const key = `${kind}/${metric}`;
      const known = merged.get(key);
      if (known && Date.parse(known.time) > timeMs) continue;
      merged.set(key, { kind, metric, unit: known?.unit ?? null, time: new Date(timeMs).toISOString(), value });
    }
  }
  return [...merged.values()];
}
