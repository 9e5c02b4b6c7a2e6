// What the host's HTTP API and live hub answer. Times are RFC 3339 UTC unless a name ends in Ms (Unix milliseconds).

export type DeviceStatus = 'online' | 'silent';

export interface MetricInfo { name: string; unit: string; min: number | null; max: number | null }

export interface KindInfo { code: string; name: string; nameEn: string; mainMetric: string; metrics: MetricInfo[] }

export interface NationInfo { code: string; name: string; nameEn: string; latitude: number; longitude: number }

export interface RegionInfo extends NationInfo { shortName: string; shortNameEn: string }

export interface UnitInfo { code: string; region: string; name: string; latitude: number; longitude: number }

export interface OperatorInfo { plmn: string; name: string }

export interface SystemInfo {
  version: string;
  windowSeconds: number;
  silentAfterSeconds: number;
  mapStyleUrl: string | null;
  kinds: KindInfo[];
  nation: NationInfo;
  regions: RegionInfo[];
  units: UnitInfo[];
  operators: OperatorInfo[];
}

export interface Device {
  id: string;
  region: string;
  unit: string;
  kind: string;
  status: DeviceStatus;
  registered: string;
  lastSeen: string | null;
  latitude: number | null;
  longitude: number | null;
  clock: ClockState;
  clockOffsetSeconds: number | null;
}

/** Whether a device's clock agrees with the gateway's; assumed: its messages tell no time. */
export type ClockState = 'ok' | 'ahead' | 'behind' | 'assumed' | 'unknown';

export interface LatestValue { kind: string; metric: string; unit: string | null; time: string; value: number | null }

export interface DeviceDetail extends Device { latest: LatestValue[] }

export interface Page<T> { items: T[]; next: string | null }

/** Statistics of one window (or of several, when the step is longer than a window). */
export interface SeriesRow {
  start: string;
  count: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  stddev: number | null;
  first: number | null;
  last: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Level of the mean power of levels (dB, dBm). */
  powerMean: number | null;
  /** Mean of directions, degrees. */
  vectorMean: number | null;
  /** What a counter has grown by, with the step from the reading before the row; null for other metrics. */
  increase: number | null;
  /** How often a counter fell. */
  resets: number | null;
  /** The increase by the row's length. */
  ratePerSecond: number | null;
}

/** The mean that says something of the row's metric. */
export const properMean = (row: SeriesRow): number | null => row.powerMean ?? row.vectorMean ?? row.mean;

export interface Series { metric: string; unit: string | null; stepSeconds: number; rows: SeriesRow[] }

export interface Ledger {
  from: string;
  to: string;
  device: string | null;
  accepted: number;
  stored: number;
  duplicate: number;
  lateCorrected: number;
  rejected: Record<string, number>;
  buffered: number;
  /** Accepted minus everything accounted for: 0 when the ledger balances. */
  balance: number;
}

/** The ledger of an hour, or of a device; an empty device stands for messages whose topic names none. */
export interface LedgerPart extends Omit<Ledger, 'from' | 'to' | 'device'> { hour: string | null; device: string | null }

export interface LedgerParts { from: string; to: string; total: number; items: LedgerPart[] }

export interface DeadLetter {
  position: number;
  time: string;
  topic: string;
  device: string | null;
  reason: string;
  detail: string | null;
  payload: string | null;
  replayed: string | null;
}

export interface ReplayRequest {
  device?: string;
  reason?: string;
  topic?: { replace: string; with: string };
  rename?: Record<string, string>;
  dryRun: boolean;
}

export interface ReplayReport { matched: number; replayed: number; refused: Array<{ position: number; topic: string; reason: string; detail: string }>; dryRun: boolean }

/** Messages of `filter` are read as ones of `to`, with other names of fields. */
export interface Mapping { id: string; filter: string; to: string | null; rename: Record<string, string> | null; created: string }

export interface MappingDraft { filter: string; to?: string; rename?: Record<string, string> }

export interface Cell {
  ncgi: string;
  plmn: string;
  region: string;
  unit: string;
  status: DeviceStatus;
  time: string | null;
  prbLoadDl: number | null;
  prbLoadUl: number | null;
  connectedUsers: number | null;
  latitude: number | null;
  longitude: number | null;
}

export interface CoverageProperties { plmn: string; median: number; samples: number; tile: string }

export type CoverageCollection = GeoJSON.FeatureCollection<GeoJSON.Polygon, CoverageProperties>;

export interface MetricMean { metric: string; mean: number | null; count: number }

export interface KindOverview { kind: string; devices: number; metrics: MetricMean[] }

export interface AreaOverview {
  code: string;
  messagesPerSecond: number | null;
  readingsPerSecond: number | null;
  online: number | null;
  silent: number | null;
  kinds: KindOverview[];
}

/** Live event "overview", once a second: the nation and its regions. */
export interface OverviewEvent { time: string; areas: AreaOverview[] }

export interface MapPoint {
  id: string;
  kind: string;
  unit: string;
  latitude: number;
  longitude: number;
  value: number | null;
  timeMs: number;
}

/** Live event "map", once a second: devices that changed, at most 500. */
export interface MapEvent { points: MapPoint[] }

/** Live event "reading" of a watched device. */
export interface ReadingEvent { device: string; kind: string; timeMs: number; values: Record<string, number> }

/** Grains of one class: in memory now, activated since the start, and where they are. */
export interface GrainType { name: string; active: number; activated: number | null; places: Array<{ place: string; active: number }> }

/** What the grain host is doing; null where the host does not measure it. */
export interface Grains {
  host: string;
  types: GrainType[];
  shards: Array<{ index: number; turns: number; waiting: number; busyGrains: number }> | null;
  mailboxes: Array<{ grain: string; depth: number }> | null;
  slowestMethods: Array<{ name: string; timed: number; suspended: number; meanMs: number; maxMs: number }> | null;
  hotGrains: Array<{ grain: string; share: number }> | null;
}
