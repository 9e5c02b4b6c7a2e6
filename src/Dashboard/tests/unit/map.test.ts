import { describe, expect, it } from 'vitest';
import type { CoverageCollection, Device, MapPoint } from '../../src/api/types';
import { classOf } from '../../src/map/coverage-ladder';
import { CoverageSource, merge } from '../../src/map/coverage-source';
import { DeviceStore } from '../../src/map/device-store';
import { places } from '../../src/map/places';
import { tileKey, tilesIn } from '../../src/map/tiles';

const now = Date.parse('2026-06-01T00:00:00Z');

const device = (id: string, changes: Partial<Device> = {}): Device => ({
  id, region: 'bac', unit: 'hn', kind: 'air', status: 'online', registered: '2026-01-01T00:00:00Z',
  lastSeen: new Date(now - 1000).toISOString(), latitude: 21, longitude: 105.8, clock: 'ok', clockOffsetSeconds: 0, ...changes,
});

const point = (id: string, changes: Partial<MapPoint> = {}): MapPoint => ({
  id, kind: 'air', unit: 'hn', latitude: 21, longitude: 105.8, value: 1, timeMs: now, ...changes,
});

describe('the devices of the map', () => {
  it('leave out those without a position or with an impossible one', () => {
    const store = new DeviceStore(60_000, 100);
    store.load([device('a'), device('b', { latitude: null }), device('c', { latitude: 1000 })], now);
    expect(store.collection().features.map(f => f.properties.id)).toEqual(['a']);
  });

  it('are drawn anew only when something that is drawn has changed', () => {
    const store = new DeviceStore(60_000, 100);
    store.load([device('a')], now);
    expect(store.apply([point('a', { value: 5 })], now)).toBe(false);
    expect(store.get('a')?.value).toBe(5);
    expect(store.apply([point('a', { longitude: 106 })], now)).toBe(true);
    expect(store.apply([point('b')], now)).toBe(true);
  });

  it('are online again when heard of, and silent when the measurement is old', () => {
    const store = new DeviceStore(60_000, 100);
    store.load([device('a', { status: 'silent', lastSeen: new Date(now - 90_000).toISOString() })], now);
    expect(store.apply([point('a', { timeMs: now - 61_000 })], now)).toBe(false);
    expect(store.apply([point('a')], now)).toBe(true);
    expect(store.get('a')?.status).toBe('online');
  });

  it('keep the last measured value, not the last received', () => {
    const store = new DeviceStore(60_000, 100);
    store.apply([point('a', { value: 2 })], now);
    store.apply([point('a', { value: 1, timeMs: now - 5000 })], now);
    expect(store.get('a')?.value).toBe(2);
  });

  it('keep live values that are newer than a list, and forget devices that it no longer has', () => {
    const store = new DeviceStore(60_000, 100);
    store.apply([point('a', { value: 7 }), point('gone')], now);
    store.load([device('a', { status: 'silent', lastSeen: new Date(now - 300_000).toISOString() })], now);
    expect(store.get('a')).toMatchObject({ value: 7, timeMs: now, status: 'online' });
    expect(store.size).toBe(1);
  });

  it('are bounded', () => {
    const store = new DeviceStore(60_000, 2);
    store.apply([point('a'), point('b'), point('c')], now);
    expect(store.size).toBe(2);
    store.load([device('a'), device('b'), device('c')], now);
    expect(store.size).toBe(2);
  });
});

describe('the coverage ladder', () => {
  it.each([
    [-60, 'excellent'], [-80, 'excellent'], [-80.1, 'good'], [-90, 'good'], [-90.1, 'fair'], [-100, 'fair'],
    [-100.1, 'poor'], [-110, 'poor'], [-110.1, 'none'], [-156, 'none'],
  ])('takes %d dBm as %s', (median, code) => {
    expect(classOf(median)?.code).toBe(code);
  });

  it('takes no data as unknown, which is not "none"', () => {
    expect([classOf(null), classOf(undefined), classOf(NaN)]).toEqual([null, null, null]);
  });
});

const square = (tile: string): CoverageCollection => ({
  type: 'FeatureCollection',
  features: [{ type: 'Feature', properties: { plmn: '452-04', median: -90, samples: 3, tile }, geometry: { type: 'Polygon', coordinates: [] } }],
});

describe('coverage tiles', () => {
  it('of a view are those of Web Mercator', () => {
    expect(tilesIn({ west: 105.8, south: 21.0, east: 105.9, north: 21.05 }, 12).map(tileKey)).toEqual(['12/3251/1802', '12/3252/1802', '12/3251/1803', '12/3252/1803']);
    expect(tilesIn({ west: -180, south: -90, east: 180, north: 90 }, 1).map(tileKey)).toEqual(['1/0/0', '1/1/0', '1/0/1', '1/1/1']);
  });

  it('are read once while fresh', async () => {
    let clock = 0;
    const asked: string[] = [];
    const source = new CoverageSource(tile => {
      asked.push(tile);
      return Promise.resolve(square(tile));
    }, () => clock);
    const bounds = { west: 105.8, south: 21, east: 105.81, north: 21.01 };
    await source.view(bounds, 10.7, '452-04');
    await source.view(bounds, 10.2, '452-04');
    expect(asked).toEqual(['10/812/450']);
    await source.view(bounds, 10.2, '452-02');
    clock = 31_000;
    await source.view(bounds, 10.2, '452-04');
    expect(asked).toHaveLength(3);
  });

  it('of an earlier view come to nothing', async () => {
    const source = new CoverageSource((tile, _, signal) => new Promise((resolve, reject) => {
      if (tile.startsWith('1/')) signal.addEventListener('abort', () => reject(new Error('aborted')));
      else resolve(square(tile));
    }));
    const bounds = { west: 105, south: 20, east: 106, north: 21 };
    const first = source.view(bounds, 1, 'a');
    const second = source.view(bounds, 0, 'a');
    expect(await first).toBeNull();
    expect((await second)?.collection.features).toHaveLength(1);
  });

  it('that fail are reported beside those that do not', async () => {
    const source = new CoverageSource(tile => (tile === '1/1/0' ? Promise.resolve(square(tile)) : Promise.reject(new Error('no'))));
    const view = await source.view({ west: -180, south: -85, east: 180, north: 85 }, 1, 'a');
    expect(view?.collection.features).toHaveLength(1);
    expect(view?.failed).toEqual(new Error('no'));
  });

  it('count a square once that two tiles report', () => {
    expect(merge([square('a'), square('a'), square('b')]).features.map(f => f.properties.tile)).toEqual(['a', 'b']);
  });
});

it('both archipelagos are on every map', () => {
  expect(places.filter(p => p.style === 'archipelago')).toEqual([
    { text: 'map.hoangSa', latitude: 16.5, longitude: 112, style: 'archipelago' },
    { text: 'map.truongSa', latitude: 10, longitude: 114, style: 'archipelago' },
  ]);
});
