import type { Language } from './language';

/** Names for people: [Vietnamese, English]. A metric without an entry shows under the name the device gave it. */
const names: Record<string, readonly [string, string]> = {
  pm1: ['Bụi PM1', 'PM1'],
  pm25: ['Bụi PM2.5', 'PM2.5'],
  pm10: ['Bụi PM10', 'PM10'],
  no2: ['NO₂', 'NO₂'],
  so2: ['SO₂', 'SO₂'],
  o3: ['O₃', 'O₃'],
  co: ['CO', 'CO'],
  temp: ['Nhiệt độ', 'Temperature'],
  rh: ['Độ ẩm', 'Relative humidity'],
  laeq: ['Mức ồn LAeq', 'Noise LAeq'],
  lamax: ['Mức ồn LAmax', 'Noise LAmax'],
  'traffic/flow': ['Lưu lượng xe', 'Traffic flow'],
  motorcycles: ['Xe máy', 'Motorcycles'],
  cars: ['Ô tô', 'Cars'],
  occupancy: ['Độ chiếm dụng', 'Occupancy'],
  speed: ['Tốc độ', 'Speed'],
  level: ['Mực nước', 'Water level'],
  'water/flow': ['Lưu lượng nước', 'Discharge'],
  ph: ['pH', 'pH'],
  do: ['Oxy hoà tan', 'Dissolved oxygen'],
  turbidity: ['Độ đục', 'Turbidity'],
  pressure: ['Khí áp', 'Pressure'],
  wind: ['Tốc độ gió', 'Wind speed'],
  winddir: ['Hướng gió', 'Wind direction'],
  rain: ['Lượng mưa', 'Rain'],
  uv: ['Chỉ số UV', 'UV index'],
  power: ['Công suất', 'Power'],
  dim: ['Mức sáng', 'Dimming'],
  lux: ['Độ rọi', 'Illuminance'],
  voltage: ['Điện áp', 'Voltage'],
  current: ['Dòng điện', 'Current'],
  frequency: ['Tần số', 'Frequency'],
  energy: ['Điện năng', 'Energy'],
  occupied: ['Chỗ đã đỗ', 'Occupied'],
  capacity: ['Sức chứa', 'Capacity'],
  fill: ['Mức đầy', 'Fill level'],
  battery: ['Pin', 'Battery'],
  rssi: ['Cường độ tín hiệu', 'Signal strength'],
  fw: ['Phiên bản phần mềm', 'Firmware version'],
  uptime: ['Thời gian hoạt động', 'Uptime'],
  'RRU.PrbTotDl': ['Tải PRB DL', 'PRB load DL'],
  'RRU.PrbTotUl': ['Tải PRB UL', 'PRB load UL'],
  'RRC.ConnMean': ['Kết nối RRC trung bình', 'RRC connections, mean'],
  'RRC.ConnMax': ['Kết nối RRC lớn nhất', 'RRC connections, max'],
  'DRB.UEThpDl': ['Thông lượng DL', 'UE throughput DL'],
  'DRB.UEThpUl': ['Thông lượng UL', 'UE throughput UL'],
  rsrp: ['SS-RSRP', 'SS-RSRP'],
  rsrq: ['SS-RSRQ', 'SS-RSRQ'],
  sinr: ['SS-SINR', 'SS-SINR'],
  pci: ['PCI', 'PCI'],
  arfcn: ['NR-ARFCN', 'NR-ARFCN'],
  dl: ['Tốc độ DL', 'DL rate'],
  ul: ['Tốc độ UL', 'UL rate'],
};

/** Units that are words; all others are the same in both languages. */
const vietnameseUnits: Record<string, string> = {
  'veh/h': 'xe/giờ', spaces: 'chỗ', count: 'lần', UEs: 'thiết bị', index: '',
};

const englishUnits: Record<string, string> = { index: '' };

export function unitName(language: Language, unit: string): string {
  return (language === 'vi' ? vietnameseUnits : englishUnits)[unit] ?? unit;
}

export function metricName(language: Language, kind: string, metric: string): string {
  const entry = names[`${kind}/${metric}`] ?? names[metric];
  return entry ? entry[language === 'vi' ? 0 : 1] : metric;
}
