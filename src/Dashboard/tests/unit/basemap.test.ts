import { readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clipRing, frame, simplified } from '../../scripts/build-basemap.mjs';

type Ring = Array<[number, number]>;

const file = new URL('../../generated/basemap.json', import.meta.url);
const map = JSON.parse(readFileSync(file, 'utf8')) as { features: Array<{ properties: { role: string }; geometry: { coordinates: Ring[][] } }> };
const outerRings = (role: string): Ring[] =>
  map.features.find(f => f.properties.role === role)?.geometry.coordinates.map(polygon => polygon[0] as Ring) ?? [];

const touches = (ring: Ring, [west, south, east, north]: readonly [number, number, number, number]): boolean =>
  ring.some(([x, y]) => x > west && x < east && y > south && y < north);

it('draws the islands of Hoàng Sa and Trường Sa as land of Vietnam and of nobody else', () => {
  for (const box of [[110.9, 15.5, 113.1, 17.3], [111.3, 7.5, 116.5, 12.1]] as const) {
    expect(outerRings('vietnam').filter(ring => touches(ring, box)).length).toBeGreaterThan(4);
    expect(outerRings('neighbour').filter(ring => touches(ring, box))).toEqual([]);
  }
});

it('has Vietnam from Hà Giang to Cà Mau', () => {
  const latitudes = outerRings('vietnam').filter(ring => ring.length > 1000).flat().map(([, y]) => y);
  expect(Math.max(...latitudes)).toBeGreaterThan(23.3);
  expect(Math.min(...latitudes)).toBeLessThan(8.7);
});

it('stays small and inside its frame, with closed rings', () => {
  expect(statSync(file).size).toBeLessThan(300_000);
  for (const ring of [...outerRings('vietnam'), ...outerRings('neighbour')]) {
    expect(ring.at(-1)).toEqual(ring[0]);
    expect(ring.every(([x, y]) => x >= frame.west && x <= frame.east && y >= frame.south && y <= frame.north)).toBe(true);
  }
});

it('cuts a ring at the edges of a box', () => {
  const ring: Ring = [[-1, -1], [3, -1], [3, 3], [-1, 3], [-1, -1]];
  const clipped = clipRing(ring, { west: 0, south: 0, east: 2, north: 2 });
  expect([...clipped.slice(0, -1)].sort()).toEqual([[0, 0], [0, 2], [2, 0], [2, 2]]);
  expect(clipped.at(-1)).toEqual(clipped[0]);
  expect(clipRing(ring, { west: 5, south: 5, east: 6, north: 6 })).toEqual([]);
});

it('thins a line and keeps its ends', () => {
  expect(simplified([[0, 0], [1, 0.001], [2, 0], [3, 1], [4, 0]], 0.01)).toEqual([[0, 0], [2, 0], [3, 1], [4, 0]]);
  expect(simplified([[0, 0], [1, 0], [1, 1], [0, 0]], 0.1)).toEqual([[0, 0], [1, 0], [1, 1], [0, 0]]);
});
