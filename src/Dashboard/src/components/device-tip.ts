import { number, t, time, unit } from '../i18n';
import type { MapDevice } from '../map/device-store';
import { kindName, kindsByCode, metricLabel, statusName, unitOfMetric } from '../state/info';

/** What the map says over a device; text only, since ids come from outside. */
export function deviceTip(device: MapDevice | undefined, id: string): Node {
  const tip = document.createElement('div');
  const line = (text: string, tag: 'strong' | 'div' = 'div'): void => {
    const element = document.createElement(tag);
    element.textContent = text;
    tip.append(element);
  };
  line(id, 'strong');
  if (!device) return tip;
  line(`${kindName(device.kind)} · ${statusName(device.status)}`);
  const main = kindsByCode.value.get(device.kind)?.mainMetric;
  if (main) line(`${metricLabel(device.kind, main)}: ${number(device.value)} ${unit(unitOfMetric(device.kind, main))}`.trim());
  line(`${t('device.time')}: ${time(device.timeMs)}`);
  return tip;
}
