/** A Web Mercator tile; `z/x/y` as text. */
export interface Tile { z: number; x: number; y: number }

export const tileKey = ({ z, x, y }: Tile): string => `${z}/${x}/${y}`;

function tileX(longitude: number, z: number): number {
  return Math.floor(((longitude + 180) / 360) * 2 ** z);
}

function tileY(latitude: number, z: number): number {
  const phi = (Math.max(-85.0511, Math.min(85.0511, latitude)) * Math.PI) / 180;
  return Math.floor(((1 - Math.asinh(Math.tan(phi)) / Math.PI) / 2) * 2 ** z);
}

export interface Bounds { west: number; south: number; east: number; north: number }

/** The tiles of one zoom that a view touches, from north-west to south-east. */
export function tilesIn(bounds: Bounds, z: number): Tile[] {
  const last = 2 ** z - 1;
  const clamp = (value: number): number => Math.max(0, Math.min(last, value));
  const tiles: Tile[] = [];
  for (let y = clamp(tileY(bounds.north, z)); y <= clamp(tileY(bounds.south, z)); y++) {
    for (let x = clamp(tileX(bounds.west, z)); x <= clamp(tileX(bounds.east, z)); x++) tiles.push({ z, x, y });
  }
  return tiles;
}
