import type { MessageKey } from '../i18n';

/** What the first view of a map shows: Vietnam with both archipelagos. */
export const homeBounds: [west: number, south: number, east: number, north: number] = [102.0, 7.6, 116.2, 24.0];

/** Where our own base map ends (see scripts/build-basemap.mjs). */
export const frameBounds: [west: number, south: number, east: number, north: number] = [76, -8, 138, 34];

export interface Place { text: MessageKey; latitude: number; longitude: number; style: 'archipelago' | 'sea' | 'country' }

export const places: readonly Place[] = [
  { text: 'map.hoangSa', latitude: 16.5, longitude: 112.0, style: 'archipelago' },
  { text: 'map.truongSa', latitude: 10.0, longitude: 114.0, style: 'archipelago' },
  { text: 'map.eastSea', latitude: 12.8, longitude: 113.4, style: 'sea' },
  { text: 'map.laos', latitude: 19.3, longitude: 102.9, style: 'country' },
  { text: 'map.cambodia', latitude: 12.7, longitude: 104.9, style: 'country' },
  { text: 'map.thailand', latitude: 15.8, longitude: 101.6, style: 'country' },
  { text: 'map.china', latitude: 23.1, longitude: 109.2, style: 'country' },
];

/** Units whose names are shown at every zoom; the others would lie on top of them. */
export const majorUnits: ReadonlySet<string> = new Set(['hn', 'hp', 'hue', 'dn', 'bdi', 'sg']);

/** Units whose names stand to the left of their place, where a neighbour needs the right. */
export const leftUnits: ReadonlySet<string> = new Set(['hn', 'hue', 'hy', 'tn', 'la']);

/** From this zoom on all units have their names. */
export const allUnitsZoom = 7.2;
