import { properMean, type SeriesRow } from '../api/types';

export interface LivePoint { timeMs: number; value: number }

/** Columns for the chart: seconds since 1970; null breaks a line, undefined only has no point there. */
export interface SeriesColumns {
  x: number[];
  mean: Array<number | null | undefined>;
  min: Array<number | null | undefined>;
  max: Array<number | null | undefined>;
  live: Array<number | null | undefined>;
}

/**
 * Puts history and live readings on one time axis. A row stands at the middle of its window; where a window is missing the
 * lines break, because nothing is known there.
 * @param rows in order of time
 * @param live in order of time
 */
export function seriesColumns(rows: readonly SeriesRow[], stepSeconds: number, live: readonly LivePoint[]): SeriesColumns {
  interface Entry { x: number; row?: SeriesRow | null; live?: number }
  const entries: Entry[] = [];
  let expected: number | null = null;
  for (const row of rows) {
    const start = Date.parse(row.start) / 1000;
    if (Number.isNaN(start)) continue;
    if (expected !== null && start - expected > stepSeconds / 2) entries.push({ x: expected + stepSeconds / 2, row: null });
    entries.push({ x: start + stepSeconds / 2, row });
    expected = start + stepSeconds;
  }
  for (const point of live) entries.push({ x: point.timeMs / 1000, live: point.value });
  entries.sort((a, b) => a.x - b.x);

  const columns: SeriesColumns = { x: [], mean: [], min: [], max: [], live: [] };
  let last: number | null = null;
  for (const entry of entries) {
    if (entry.x !== last) {
      columns.x.push(entry.x);
      columns.mean.push(undefined);
      columns.min.push(undefined);
      columns.max.push(undefined);
      columns.live.push(undefined);
      last = entry.x;
    }
    const at = columns.x.length - 1;
    if (entry.row !== undefined) {
      columns.mean[at] = entry.row ? properMean(entry.row) : null;
      columns.min[at] = entry.row?.min ?? null;
      columns.max[at] = entry.row?.max ?? null;
    }
    if (entry.live !== undefined) columns.live[at] = entry.live;
  }
  return columns;
}

/** What a counter has grown by in all rows, and how often it fell; null for what is no counter. */
export function totalIncrease(rows: readonly SeriesRow[]): { increase: number; resets: number } | null {
  const counted = rows.filter(row => row.increase !== null);
  if (counted.length === 0) return null;
  return counted.reduce((sum, row) => ({ increase: sum.increase + (row.increase ?? 0), resets: sum.resets + (row.resets ?? 0) }), { increase: 0, resets: 0 });
}

const mostLivePoints = 2_000;

/** Adds a live reading at its place in time; a reading of the same instant replaces the earlier one. Bounded: the oldest go first. */
export function addLivePoint(points: readonly LivePoint[], point: LivePoint): LivePoint[] {
  const next = points.filter(p => p.timeMs !== point.timeMs);
  let at = next.length;
  while (at > 0 && (next[at - 1] as LivePoint).timeMs > point.timeMs) at--;
  next.splice(at, 0, point);
  return next.slice(-mostLivePoints);
}

const niceSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const mostRows = 360;

/** The step for a range: a whole number of windows, and at most about 360 rows. */
export function stepFor(rangeSeconds: number, windowSeconds: number): number {
  const least = Math.max(windowSeconds, rangeSeconds / mostRows);
  if (least <= windowSeconds) return windowSeconds;
  const nice = niceSteps.find(step => step >= least && step % windowSeconds === 0);
  return nice ?? Math.ceil(least / windowSeconds) * windowSeconds;
}
