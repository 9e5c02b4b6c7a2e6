import type { CoverageCollection } from '../api/types';
import { tileKey, tilesIn, type Bounds, type Tile } from './tiles';

const freshMs = 30_000;
const mostKept = 256;
const atOnce = 4;

export interface CoverageView { collection: CoverageCollection; failed: unknown }

type Read = (tile: string, plmn: string, signal: AbortSignal) => Promise<CoverageCollection>;

/** Reads the coverage tiles of a view, a few at a time, and keeps what it has read for a while. */
export class CoverageSource {
  private readonly kept = new Map<string, { readAt: number; collection: CoverageCollection }>();
  private abort: AbortController | null = null;

  constructor(private readonly read: Read, private readonly now: () => number = Date.now) {}

  /**
   * @param zoom of the map; the tiles asked for are those of its whole part
   * @returns everything in view, or null when a later call has taken its place
   */
  async view(bounds: Bounds, zoom: number, plmn: string): Promise<CoverageView | null> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    const z = Math.max(0, Math.min(17, Math.floor(zoom)));
    const tiles = tilesIn(bounds, z);
    const answers: CoverageCollection[] = [];
    let failed: unknown;
    const queue = [...tiles];
    const worker = async (): Promise<void> => {
      for (let tile = queue.shift(); tile && !abort.signal.aborted; tile = queue.shift()) {
        try {
          answers.push(await this.readOne(tile, plmn, abort.signal));
        } catch (error) {
          if (!abort.signal.aborted) failed ??= error;
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    if (abort.signal.aborted) return null;
    return { collection: merge(answers), failed };
  }

  cancel(): void {
    this.abort?.abort();
  }

  private async readOne(tile: Tile, plmn: string, signal: AbortSignal): Promise<CoverageCollection> {
    const key = `${plmn}/${tileKey(tile)}`;
    const kept = this.kept.get(key);
    if (kept && this.now() - kept.readAt < freshMs) return kept.collection;
    const collection = await this.read(tileKey(tile), plmn, signal);
    this.kept.delete(key);
    this.kept.set(key, { readAt: this.now(), collection });
    const oldest = this.kept.keys().next().value;
    if (this.kept.size > mostKept && oldest !== undefined) this.kept.delete(oldest);
    return collection;
  }
}

/** One collection of many; a square that two tiles report is taken once. */
export function merge(collections: readonly CoverageCollection[]): CoverageCollection {
  const byTile = new Map(collections.flatMap(c => c.features).map(feature => [feature.properties.tile, feature]));
  const features = [...byTile.values()].sort((a, b) => (a.properties.tile < b.properties.tile ? -1 : 1));
  return { type: 'FeatureCollection', features };
}
