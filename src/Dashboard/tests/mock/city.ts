import type { Cell, CoverageCollection, DeadLetter, Device, DeviceDetail, Grains, Ledger, LedgerPart, LedgerParts, MapPoint, OverviewEvent, Series, SeriesRow, SystemInfo } from '../../src/api/types';

/** A small seeded generator (mulberry32), so that every run shows the same city. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type KindRow = [code: string, name: string, nameEn: string, main: string, metrics: Array<[name: string, unit: string, typical: number]>];

const kindRows: KindRow[] = [
  ['air', 'Không khí', 'Air quality', 'pm25', [['pm25', 'µg/m³', 38], ['pm10', 'µg/m³', 61], ['no2', 'µg/m³', 42], ['temp', '°C', 29], ['rh', '%', 74]]],
  ['noise', 'Tiếng ồn', 'Noise', 'laeq', [['laeq', 'dB(A)', 66], ['lamax', 'dB(A)', 81]]],
  ['traffic', 'Giao thông', 'Traffic', 'speed', [['flow', 'veh/h', 1240], ['motorcycles', 'veh/h', 980], ['occupancy', '0–1', 0.32], ['speed', 'km/h', 27]]],
  ['water', 'Mực nước', 'Water level', 'level', [['level', 'm', 1.42], ['ph', 'pH', 7.1]]],
  ['weather', 'Thời tiết', 'Weather', 'temp', [['temp', '°C', 30], ['rh', '%', 71], ['pressure', 'hPa', 1008], ['wind', 'm/s', 2.6], ['rain', 'mm', 0]]],
  ['light', 'Chiếu sáng', 'Street light', 'power', [['power', 'W', 118], ['dim', '%', 80]]],
  ['energy', 'Điện năng', 'Energy', 'power', [['voltage', 'V', 228], ['power', 'kW', 412], ['frequency', 'Hz', 50], ['energy', 'kWh', 81_234]]],
  ['parking', 'Bãi đỗ xe', 'Parking', 'occupied', [['occupied', 'spaces', 84], ['capacity', 'spaces', 150]]],
  ['waste', 'Rác thải', 'Waste', 'fill', [['fill', '%', 47], ['battery', '%', 88]]],
  ['cell', 'Trạm 5G', '5G cell', 'RRU.PrbTotDl', [['RRU.PrbTotDl', '%', 54], ['RRU.PrbTotUl', '%', 23], ['RRC.ConnMean', 'UEs', 86], ['DRB.UEThpDl', 'kbit/s', 182000]]],
  ['mdt', 'Đo sóng 5G', '5G drive test', 'rsrp', [['rsrp', 'dBm', -92], ['sinr', 'dB', 11]]],
];

const unitRows: Array<[code: string, region: string, name: string, latitude: number, longitude: number]> = [
  ['hn', 'bac', 'Hà Nội', 21.028, 105.854], ['hp', 'bac', 'Hải Phòng', 20.845, 106.688], ['qn', 'bac', 'Quảng Ninh', 20.951, 107.078],
  ['hy', 'bac', 'Hưng Yên', 20.82, 106.05], ['bn', 'bac', 'Bắc Ninh', 21.11, 106.11],
  ['hue', 'trung', 'Huế', 16.464, 107.591], ['dn', 'trung', 'Đà Nẵng', 16.054, 108.202], ['qng', 'trung', 'Quảng Ngãi', 14.99, 108.65],
  ['bdi', 'trung', 'Bình Định', 13.782, 109.219],
  ['sg', 'nam', 'TP. Hồ Chí Minh', 10.777, 106.701], ['bd', 'nam', 'Bình Dương', 10.98, 106.652], ['vt', 'nam', 'Bà Rịa – Vũng Tàu', 10.346, 107.084],
  ['dna', 'nam', 'Đồng Nai', 10.957, 106.843], ['tn', 'nam', 'Tây Ninh', 11.4, 106.16],
];

export const info: SystemInfo = {
  version: '0.1.0',
  windowSeconds: 60,
  silentAfterSeconds: 300,
  mapStyleUrl: null,
  kinds: kindRows.map(([code, name, nameEn, mainMetric, metrics]) => ({
    code, name, nameEn, mainMetric, metrics: metrics.map(([metric, unit]) => ({ name: metric, unit, min: null, max: null })),
  })),
  nation: { code: 'vn', name: 'Việt Nam', nameEn: 'Vietnam', latitude: 16.2, longitude: 106.5 },
  regions: [
    { code: 'bac', name: 'Vùng kinh tế trọng điểm Bắc Bộ', shortName: 'Bắc', nameEn: 'Northern key economic region', shortNameEn: 'North', latitude: 21, longitude: 106.4 },
    { code: 'trung', name: 'Vùng kinh tế trọng điểm miền Trung', shortName: 'Trung', nameEn: 'Central key economic region', shortNameEn: 'Central', latitude: 15.3, longitude: 108.3 },
    { code: 'nam', name: 'Vùng kinh tế trọng điểm phía Nam', shortName: 'Nam', nameEn: 'Southern key economic region', shortNameEn: 'South', latitude: 10.9, longitude: 106.7 },
  ],
  units: unitRows.map(([code, region, name, latitude, longitude]) => ({ code, region, name, latitude, longitude })),
  operators: [{ plmn: '452-04', name: 'Viettel' }, { plmn: '452-02', name: 'VinaPhone' }, { plmn: '452-01', name: 'MobiFone' }],
};

const random = seeded(7);

export const devices: Device[] = info.units.flatMap(unit => kindRows.flatMap(([kind], kindIndex) => {
  const n = kind === 'cell' ? 6 : 3;
  return Array.from({ length: n }, (_, i): Device => {
    const isSilent = random() < 0.09;
    const operator = info.operators[i % 3]?.plmn ?? '452-04';
    const nci = (0x0a0000000 + unitRows.findIndex(u => u[0] === unit.code) * 0x10000 + i * 16).toString(16).toUpperCase().padStart(9, '0');
    const hasPosition = random() > 0.03;
    return {
      id: kind === 'cell' ? `${operator}-${nci}` : `${kind}-${unit.code}-${String(i + 1).padStart(3, '0')}`,
      region: unit.region, unit: unit.code, kind, status: isSilent ? 'silent' : 'online',
      registered: '2026-11-01T02:15:00Z',
      lastSeen: new Date(Date.now() - (isSilent ? 3_600_000 : 2_000 + kindIndex * 300)).toISOString(),
      latitude: hasPosition ? unit.latitude + (random() - 0.5) * 0.12 : null,
      longitude: hasPosition ? unit.longitude + (random() - 0.5) * 0.12 : null,
      clock: isSilent ? 'ahead' : 'ok', clockOffsetSeconds: isSilent ? 45.2 : -0.1,
    };
  });
}));

const metricsOf = (kind: string): KindRow[4] => kindRows.find(row => row[0] === kind)?.[4] ?? [];

export function detailOf(device: Device): DeviceDetail {
  return {
    ...device,
    latest: metricsOf(device.kind).map(([metric, unit, typical]) => ({
      kind: device.kind, metric, unit, value: typical, time: device.lastSeen ?? device.registered,
    })),
  };
}

/** One slow wave with some noise, and a hole of three windows in the middle. */
export function seriesOf(device: Device, metric: string, from: number, to: number, step: number): Series {
  const found = metricsOf(device.kind).find(([name]) => name === metric);
  const typical = found?.[2] ?? 10;
  const noise = seeded(metric.length);
  const rows: SeriesRow[] = [];
  const first = Math.floor(from / 1000 / step) * step;
  const total = Math.floor((to / 1000 - first) / step);
  for (let i = 0; i <= total; i++) {
    if (i >= Math.floor(total / 2) && i < Math.floor(total / 2) + 3) continue;
    const mean = typical * (1 + 0.25 * Math.sin(i / 9) + 0.05 * (noise() - 0.5));
    const spread = Math.abs(typical) * (0.05 + 0.05 * noise());
    rows.push({
      start: new Date((first + i * step) * 1000).toISOString(), count: 60, mean, min: mean - spread, max: mean + spread,
      stddev: spread / 2, first: mean, last: mean, p50: mean, p95: mean + spread * 0.8, p99: mean + spread * 0.95, powerMean: null, vectorMean: null,
      ...(metric === 'energy' ? { increase: 0.5, resets: i === 0 ? 1 : 0, ratePerSecond: 0.5 / step } : { increase: null, resets: null, ratePerSecond: null }),
    });
  }
  return { metric, unit: found?.[1] ?? null, stepSeconds: step, rows };
}

export function overviewAt(timeMs: number): OverviewEvent {
  const wave = 1 + 0.2 * Math.sin(timeMs / 7_000);
  const areas = [info.nation, ...info.regions].map(({ code }) => {
    const own = devices.filter(device => code === 'vn' || device.region === code);
    return {
      code, messagesPerSecond: own.length * 3.7 * wave, readingsPerSecond: own.length * 14.2 * wave,
      online: own.filter(device => device.status === 'online').length, silent: own.filter(device => device.status === 'silent').length,
      kinds: kindRows.filter(([kind]) => !(kind === 'mdt' && code === 'trung')).map(([kind, , , , metrics]) => ({
        kind, devices: own.filter(device => device.kind === kind).length,
        metrics: metrics.map(([metric, , typical]) => ({ metric, mean: typical * (0.9 + 0.1 * wave) + code.length / 10, count: 120 })),
      })),
    };
  });
  return { time: new Date(timeMs).toISOString(), areas };
}

export function mapPointsAt(timeMs: number): MapPoint[] {
  return devices.filter(device => device.status === 'online' && device.latitude !== null && device.longitude !== null)
    .filter((_, i) => (i + Math.floor(timeMs / 1000)) % 4 === 0)
    .map(device => ({
      id: device.id, kind: device.kind, unit: device.unit, latitude: device.latitude ?? 0, longitude: device.longitude ?? 0,
      value: metricsOf(device.kind)[0]?.[2] ?? null, timeMs,
    }));
}

export const cells: Cell[] = devices.filter(device => device.kind === 'cell').map((device, i) => ({
  ncgi: device.id, plmn: device.id.slice(0, 6), region: device.region, unit: device.unit, status: device.status,
  time: device.lastSeen,
  prbLoadDl: device.status === 'silent' ? null : (i * 37) % 101, prbLoadUl: device.status === 'silent' ? null : (i * 17) % 61,
  connectedUsers: device.status === 'silent' ? null : (i * 53) % 420, latitude: device.latitude, longitude: device.longitude,
}));

export const ledger: Ledger = {
  from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date().toISOString(), device: null,
  accepted: 48_213_907, stored: 48_190_331, duplicate: 12_044, lateCorrected: 8_310,
  rejected: { 'out-of-range': 1_871, malformed: 902, 'future-timestamp': 37 }, buffered: 412, balance: 0,
};

export const deadLetters: DeadLetter[] = Array.from({ length: 12 }, (_, i) => ({
  position: 90_310 - i * 17, time: new Date(Date.now() - i * 61_000).toISOString(),
  topic: `city/bac/hn/air/air-hn-00${(i % 3) + 1}`, device: i % 4 === 3 ? null : `air-hn-00${(i % 3) + 1}`,
  reason: ['out-of-range', 'malformed', 'future-timestamp'][i % 3] ?? 'malformed',
  detail: i % 3 === 1 ? 'Expected a JSON object, found the end of the text at byte 17.' : 'pm25 is 99999 µg/m³; at most 2000 is possible.',
  payload: i % 3 === 1 ? '{"ts":1764000000' : '{"ts":1764000000000,"pm25":99999,"pm10":61.2,"temp":29.5,"note":"<img src=x onerror=alert(1)>"}',
  replayed: null,
}));

const sideDegrees = (z: number): number => 360 / 2 ** z;
const latitudeOf = (y: number, z: number): number => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI;

/** Squares six zooms below the asked tile, around the units; their medians differ by operator. */
export function coverageOf(z: number, x: number, y: number, plmn: string): CoverageCollection {
  const below = Math.min(17, z + 6);
  const side = sideDegrees(below);
  const features: CoverageCollection['features'] = [];
  const factor = 2 ** (below - z);
  for (let ty = y * factor; ty < (y + 1) * factor; ty++) {
    for (let tx = x * factor; tx < (x + 1) * factor; tx++) {
      const west = tx * side - 180;
      const [north, south] = [latitudeOf(ty, below), latitudeOf(ty + 1, below)];
      const nearest = Math.min(...info.units.map(u => Math.hypot(u.longitude - west - side / 2, u.latitude - (north + south) / 2)));
      const noise = seeded(tx * 7919 + ty * 104729 + plmn.charCodeAt(5))();
      if (nearest > 0.5 || noise < 0.2) continue;
      const median = -72 - 62 * nearest - 14 * noise;
      features.push({
        type: 'Feature', properties: { plmn, median, samples: 20 + Math.floor(noise * 900), tile: `${below}/${tx}/${ty}` },
        geometry: { type: 'Polygon', coordinates: [[[west, north], [west, south], [west + side, south], [west + side, north], [west, north]]] },
      });
    }
  }
  return { type: 'FeatureCollection', features };
}

export const grains: Grains = {
  host: 'embedded',
  types: [{ name: 'DeviceGrain', active: 1234, activated: 1300, places: [{ place: 'shard 0', active: 600 }, { place: 'shard 1', active: 634 }] }],
  shards: [{ index: 0, turns: 100_000, waiting: 3, busyGrains: 1 }, { index: 1, turns: 90_000, waiting: 0, busyGrains: 0 }],
  mailboxes: [{ grain: 'DeviceGrain/air-hn-001', depth: 7 }],
  slowestMethods: [{ name: 'IAreaGrain.Absorb', timed: 12, suspended: 4, meanMs: 1.25, maxMs: 20.5 }],
  hotGrains: [{ grain: 'AreaGrain/hn', share: 0.25 }],
};

/** A day of the ledger: one hour, and in it one device, lacks twelve readings. */
export function ledgerParts(by: string, query: URLSearchParams): LedgerParts {
  const [from, to] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('to') ?? new Date().toISOString())];
  const part = (hour: string | null, device: string | null, isWrong: boolean): LedgerPart => ({
    hour, device, accepted: 3600, stored: 3500, duplicate: 40, lateCorrected: 10, rejected: { 'bad-json': 30 }, buffered: isWrong ? 8 : 20, balance: isWrong ? 12 : 0,
  });
  const hours = Array.from({ length: Math.min(24, Math.ceil((to - from) / 3_600_000)) }, (_, i) => new Date(from + i * 3_600_000).toISOString());
  const ids = ['air-hn-001', 'air-hn-002', ''].filter(id => !query.get('device') || id === query.get('device'));
  const items = by === 'hours' ? hours.map((hour, i) => part(hour, null, i === 2)) : ids.map((id, i) => part(null, id, i === 0));
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), total: by === 'hours' ? items.length : 1200, items };
}
