import { describe, expect, it } from 'vitest';
import type { SeriesRow } from '../../src/api/types';
import { addLivePoint, seriesColumns, stepFor, totalIncrease, type LivePoint } from '../../src/charts/series-data';
import { sparklinePath } from '../../src/charts/sparkline-path';
import { RateHistory } from '../../src/state/history';

const row = (second: number, mean: number | null = 5): SeriesRow => ({
  start: new Date(second * 1000).toISOString(), count: 1, mean, min: mean === null ? null : mean - 1, max: mean === null ? null : mean + 1,
  stddev: 0, first: mean, last: mean, p50: mean, p95: mean, p99: mean, powerMean: null, vectorMean: null, increase: null, resets: null, ratePerSecond: null,
});

describe('what a counter has grown by', () => {
  it('is the sum of its rows, those without one left out', () => {
    const rows = [{ ...row(0), increase: 2.5, resets: 1 }, row(60), { ...row(120), increase: 4, resets: 0 }];
    expect(totalIncrease(rows)).toEqual({ increase: 6.5, resets: 1 });
  });

  it('is nothing for what is no counter', () => {
    expect(totalIncrease([row(0), row(60)])).toBeNull();
    expect(totalIncrease([])).toBeNull();
  });
});

describe('the columns of a chart', () => {
  it('stand at the middle of their windows', () => {
    const { x, mean, min, max } = seriesColumns([row(600, 5), row(660, 6)], 60, []);
    expect(x).toEqual([630, 690]);
    expect([mean, min, max]).toEqual([[5, 6], [4, 5], [6, 7]]);
  });

  it('break where a window is missing, since nothing is known there', () => {
    const { x, mean } = seriesColumns([row(600), row(780)], 60, []);
    expect(x).toEqual([630, 690, 810]);
    expect(mean).toEqual([5, null, 5]);
  });

  it('do not break the history at the times of live readings', () => {
    const { x, mean, live } = seriesColumns([row(600), row(660)], 60, [{ timeMs: 650_000, value: 9 }]);
    expect(x).toEqual([630, 650, 690]);
    expect(mean).toEqual([5, undefined, 5]);
    expect(live).toEqual([undefined, 9, undefined]);
  });

  it('share one place when a reading and a row have the same time', () => {
    const { x, mean, live } = seriesColumns([row(600)], 60, [{ timeMs: 630_000, value: 9 }]);
    expect([x, mean, live]).toEqual([[630], [5], [9]]);
  });

  it('keep an unknown mean unknown', () => {
    expect(seriesColumns([row(600, null)], 60, []).mean).toEqual([null]);
  });
});

describe('live points', () => {
  it('are put at their place in time and replace one of the same instant', () => {
    let points: LivePoint[] = [];
    for (const [timeMs, value] of [[3, 30], [1, 10], [2, 20], [2, 21]] as const) points = addLivePoint(points, { timeMs, value });
    expect(points).toEqual([{ timeMs: 1, value: 10 }, { timeMs: 2, value: 21 }, { timeMs: 3, value: 30 }]);
  });

  it('are bounded: the oldest go', () => {
    let points: LivePoint[] = [];
    for (let i = 0; i < 2_100; i++) points = addLivePoint(points, { timeMs: i, value: i });
    expect(points).toHaveLength(2_000);
    expect(points[0]?.timeMs).toBe(100);
  });
});

describe('the step', () => {
  it.each([[900, 60, 60], [21_600, 60, 60], [86_400, 60, 300], [604_800, 60, 1800], [3600, 10, 10], [86_400, 7, 245], [900, 3600, 3600]])(
    'for %i s of %i s windows is %i s', (range, window, expected) => {
      expect(stepFor(range, window)).toBe(expected);
    });
});

describe('the sparkline', () => {
  it('breaks where seconds are missing and starts from zero', () => {
    const points = [{ timeMs: 0, value: 0 }, { timeMs: 1000, value: 10 }, { timeMs: 9000, value: 10 }];
    expect(sparklinePath(points, 0, 12_000, 10)).toBe('M0.0 26.5L10.0 1.5M90.0 1.5');
  });

  it('keeps only its span, and survives a clock that goes back', () => {
    const history = new RateHistory(2);
    for (const second of [1, 2, 3, 4]) history.add(second * 1000, second);
    expect(history.points.map(p => p.value)).toEqual([2, 3, 4]);
    history.add(2500, 9);
    expect(history.points.map(p => p.value)).toEqual([2, 9]);
  });
});
