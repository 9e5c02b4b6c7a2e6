// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../src/api/types';
import { mergeLatest } from '../../src/state/latest';
import { devicePath, parsePath } from '../../src/state/router';
import { sortCells } from '../../src/state/sorting';

describe('paths', () => {
  it.each([
    ['/', { page: 'overview' }], ['/devices', { page: 'devices' }], ['/devices/', { page: 'devices' }],
    ['/devices/452-04-0A1B2C3D4', { page: 'device', id: '452-04-0A1B2C3D4' }], ['/coverage', { page: 'coverage' }],
    ['/map', { page: 'map' }], ['/deadletters', { page: 'deadletters' }], ['/system', { page: 'system' }],
    ['/nope', { page: 'notFound', path: '/nope' }], ['/devices/a/b', { page: 'notFound', path: '/devices/a/b' }],
    ['/devices/%E0%A4%A', { page: 'notFound', path: '/devices/%E0%A4%A' }],
  ])('%s leads to its page', (path, expected) => {
    expect(parsePath(path)).toEqual(expected);
  });

  it('lead back to the same id, whatever it holds', () => {
    expect(parsePath(devicePath('a:b._-%/ü'))).toEqual({ page: 'device', id: 'a:b._-%/ü' });
  });
});

describe('latest values', () => {
  const value = { kind: 'air', metric: 'pm25', unit: 'µg/m³', time: '2026-06-01T00:00:10.000Z', value: 1 };

  it('take a newer reading and keep the unit', () => {
    const timeMs = Date.parse('2026-06-01T00:00:11Z');
    expect(mergeLatest([value], [{ device: 'd', kind: 'air', timeMs, values: { pm25: 2, pm10: 3 } }])).toEqual([
      { ...value, value: 2, time: '2026-06-01T00:00:11.000Z' },
      { kind: 'air', metric: 'pm10', unit: null, value: 3, time: '2026-06-01T00:00:11.000Z' },
    ]);
  });

  it('do not go back to a reading that was measured earlier', () => {
    expect(mergeLatest([value], [{ device: 'd', kind: 'air', timeMs: Date.parse('2026-06-01T00:00:09Z'), values: { pm25: 9 } }])).toEqual([value]);
  });
});

describe('cells', () => {
  const cell = (ncgi: string, prbLoadDl: number | null): Cell => ({
    ncgi, plmn: '452-04', region: 'bac', unit: 'hn', status: 'online', time: null, prbLoadDl, prbLoadUl: null, connectedUsers: null, latitude: null, longitude: null,
  });

  it('are sorted with unknown last in both directions and equals by NCGI', () => {
    const cells = [cell('d', null), cell('c', 5), cell('b', 90), cell('a', 5)];
    const order = (descending: boolean): string => sortCells(cells, { column: 'prbLoadDl', descending }).map(c => c.ncgi).join('');
    expect(order(true)).toBe('bacd');
    expect(order(false)).toBe('acbd');
  });
});
