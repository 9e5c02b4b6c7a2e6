import type { Device, DeviceStatus, MapPoint } from '../api/types';

export interface MapDevice {
  id: string;
  kind: string;
  status: DeviceStatus;
  latitude: number;
  longitude: number;
  value: number | null;
  timeMs: number | null;
}

export type DeviceCollection = GeoJSON.FeatureCollection<GeoJSON.Point, { id: string; kind: string; status: DeviceStatus }>;

/** The devices of a map: read as a list now and then, changed by live events between. */
export class DeviceStore {
  private devices = new Map<string, MapDevice>();

  constructor(private readonly silentAfterMs: number, private readonly mostDevices: number) {}

  get size(): number {
    return this.devices.size;
  }

  get(id: string): MapDevice | undefined {
    return this.devices.get(id);
  }

  /** Takes a fresh list; live values that are newer than it stay. Devices without a position are left out. */
  load(list: readonly Device[], nowMs: number): void {
    const before = this.devices;
    this.devices = new Map();
    for (const { id, kind, status, latitude, longitude, lastSeen } of list) {
      if (latitude === null || longitude === null || !isOnEarth(latitude, longitude)) continue;
      if (this.devices.size >= this.mostDevices) break;
      const seenMs = lastSeen === null ? null : Date.parse(lastSeen);
      const known = before.get(id);
      const timeMs = known?.timeMs != null && (seenMs === null || known.timeMs > seenMs) ? known.timeMs : seenMs;
      this.devices.set(id, {
        id, kind, latitude, longitude, timeMs, value: known?.value ?? null,
        status: timeMs !== seenMs ? this.statusAt(timeMs, nowMs) : status,
      });
    }
  }

  /** @returns true when something that is drawn has changed: a device is new, has moved, or is heard of again. */
  apply(points: readonly MapPoint[], nowMs: number): boolean {
    let changed = false;
    for (const { id, kind, latitude, longitude, value, timeMs } of points) {
      if (!isOnEarth(latitude, longitude)) continue;
      const known = this.devices.get(id);
      if (!known && this.devices.size >= this.mostDevices) continue;
      // The last measured counts, not the last received.
      if (known?.timeMs != null && timeMs < known.timeMs) continue;
      const status = this.statusAt(timeMs, nowMs);
      changed ||= !known || known.status !== status || known.latitude !== latitude || known.longitude !== longitude;
      this.devices.set(id, { id, kind, status, latitude, longitude, value, timeMs });
    }
    return changed;
  }

  collection(): DeviceCollection {
    return {
      type: 'FeatureCollection',
      features: [...this.devices.values()].map(({ id, kind, status, latitude, longitude }) => ({
        type: 'Feature', properties: { id, kind, status }, geometry: { type: 'Point', coordinates: [longitude, latitude] },
      })),
    };
  }

  private statusAt(timeMs: number | null, nowMs: number): DeviceStatus {
    return timeMs !== null && nowMs - timeMs <= this.silentAfterMs ? 'online' : 'silent';
  }
}

function isOnEarth(latitude: number, longitude: number): boolean {
  return Math.abs(latitude) <= 85 && Math.abs(longitude) <= 180;
}
