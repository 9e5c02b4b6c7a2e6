// Cuts the base map of the dashboard out of Natural Earth (public domain, 1:10m, by way of the npm package world-atlas):
// land of South-East Asia around Vietnam as one small GeoJSON file. Run by `npm run basemap`; needs no network.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { feature } from 'topojson-client';

/** @typedef {[number, number]} Point */
/** @typedef {{ west: number, south: number, east: number, north: number }} Box */

/** What the map can show: wide enough that the whole of Vietnam fits a very wide screen.
 * @type {Box} */
export const frame = { west: 76, south: -8, east: 138, north: 34 };

/** ISO 3166-1 numeric code of Vietnam. */
const vietnam = '704';

/** The two archipelagos, which the source attributes to other names. Both are drawn as land of Vietnam.
 * @type {Record<string, Box>} */
const archipelagos = {
  hoangSa: { west: 110.9, south: 15.5, east: 113.1, north: 17.3 },
  truongSa: { west: 111.3, south: 7.5, east: 116.5, north: 12.1 },
};

const decimals = 3; // 0.001° is about 110 m; the source is no finer
const neighbourTolerance = 0.02; // degrees; Vietnam itself keeps every point
const smallestNeighbourIsland = 0.15; // degrees across

/** True when every point of a ring lies in the box.
 * @param {Point[]} ring @param {Box} box */
export function isWithin(ring, box) {
  return ring.every(([x, y]) => x >= box.west && x <= box.east && y >= box.south && y <= box.north);
}

/** Sutherland–Hodgman: the part of a ring inside the box, closed; empty when nothing is left.
 * @param {Point[]} ring @param {Box} box @returns {Point[]} */
export function clipRing(ring, box) {
  /** @type {Array<[axis: 0 | 1, limit: number, sign: 1 | -1]>} */
  const edges = [[0, box.west, 1], [0, box.east, -1], [1, box.south, 1], [1, box.north, -1]];
  let points = ring.slice(0, -1);
  for (const [axis, limit, sign] of edges) {
    /** @param {Point} p */
    const inside = p => (p[axis] - limit) * sign >= 0;
    /** @type {Point[]} */
    const kept = [];
    for (let i = 0; i < points.length; i++) {
      const from = /** @type {Point} */ (points.at(i - 1));
      const to = /** @type {Point} */ (points[i]);
      if (inside(from) !== inside(to)) {
        const t = (limit - from[axis]) / (to[axis] - from[axis]);
        kept.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
      }
      if (inside(to)) kept.push(to);
    }
    points = kept;
  }
  return points.length < 3 ? [] : [...points, /** @type {Point} */ (points[0])];
}

/** @param {Point[]} ring @returns {Point[]} */
function rounded(ring) {
  const factor = 10 ** decimals;
  /** @type {Point[]} */
  const result = [];
  for (const [x, y] of ring) {
    /** @type {Point} */
    const p = [Math.round(x * factor) / factor, Math.round(y * factor) / factor];
    const last = result.at(-1);
    if (!last || last[0] !== p[0] || last[1] !== p[1]) result.push(p);
  }
  return result;
}

/** Douglas–Peucker; the ends stay, so that arcs still meet.
 * @param {Point[]} line @param {number} tolerance @returns {Point[]} */
export function simplified(line, tolerance) {
  const first = line[0];
  const last = line.at(-1);
  if (!first || !last || line.length < 3) return line;
  const [dx, dy] = [last[0] - first[0], last[1] - first[1]];
  const length = Math.hypot(dx, dy);
  let worst = 0;
  let at = 0;
  for (let i = 1; i < line.length - 1; i++) {
    const [x, y] = /** @type {Point} */ (line[i]);
    // An arc that is a whole ring starts where it ends: then the distance is to that point.
    const distance = length === 0
      ? Math.hypot(x - first[0], y - first[1])
      : Math.abs(dy * (x - first[0]) - dx * (y - first[1])) / length;
    if (distance > worst) [worst, at] = [distance, i];
  }
  if (worst <= tolerance) return length === 0 ? line : [first, last];
  return [...simplified(line.slice(0, at + 1), tolerance).slice(0, -1), ...simplified(line.slice(at), tolerance)];
}

/** Decodes the arcs and thins out those that are no border or coast of Vietnam. Arcs are shared, so no gap opens between neighbours.
 * @param {import('topojson-specification').Topology} topology @returns {import('topojson-specification').Topology} */
function thinnedOut(topology) {
  const countries = /** @type {import('topojson-specification').GeometryCollection} */ (topology.objects['countries']);
  const kept = new Set(countries.geometries.filter(g => g.id === vietnam)
    .flatMap(g => ('arcs' in g ? /** @type {unknown[]} */ (g.arcs) : []).flat(Infinity))
    .map(arc => (Number(arc) < 0 ? ~Number(arc) : Number(arc))));
  const { scale, translate } = /** @type {import('topojson-specification').Transform} */ (topology.transform);
  const arcs = topology.arcs.map((arc, index) => {
    let [x, y] = [0, 0];
    const line = arc.map(([dx = 0, dy = 0]) => {
      x += dx;
      y += dy;
      return /** @type {Point} */ ([x * scale[0] + translate[0], y * scale[1] + translate[1]]);
    });
    const isIslet = Object.values(archipelagos).some(box => isWithin(line, box));
    return kept.has(index) || isIslet ? line : simplified(line, neighbourTolerance);
  });
  return { type: 'Topology', objects: topology.objects, arcs };
}

/** @param {Point[]} ring */
function across(ring) {
  const xs = ring.map(p => p[0]);
  const ys = ring.map(p => p[1]);
  return Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

/** @param {import('topojson-specification').Topology} source @returns {import('geojson').FeatureCollection} */
export function buildBasemap(source) {
  const topology = thinnedOut(source);
  const countries = /** @type {import('topojson-specification').GeometryCollection} */ (topology.objects['countries']);
  /** @type {Map<string, Point[][][]>} */
  const polygons = new Map([['vietnam', []], ['neighbour', []]]);
  for (const country of feature(topology, countries).features) {
    const geometry = country.geometry;
    if (geometry.type !== 'Polygon' && geometry.type !== 'MultiPolygon') continue;
    const parts = /** @type {Point[][][]} */ (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates);
    for (const part of parts) {
      const outer = part[0];
      if (!outer) continue;
      const clipped = part.map(ring => rounded(clipRing(ring, frame))).filter(ring => ring.length >= 4);
      if (clipped.length === 0) continue;
      const isVietnam = country.id === vietnam || Object.values(archipelagos).some(box => isWithin(outer, box));
      if (!isVietnam && across(outer) < smallestNeighbourIsland) continue;
      polygons.get(isVietnam ? 'vietnam' : 'neighbour')?.push(clipped);
    }
  }
  return {
    type: 'FeatureCollection',
    features: [...polygons].map(([role, coordinates]) => ({
      type: 'Feature', properties: { role }, geometry: { type: 'MultiPolygon', coordinates },
    })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const source = createRequire(import.meta.url).resolve('world-atlas/countries-10m.json');
  const target = new URL('../generated/basemap.json', import.meta.url);
  mkdirSync(new URL('.', target), { recursive: true });
  writeFileSync(target, JSON.stringify(buildBasemap(JSON.parse(readFileSync(source, 'utf8')))));
}
