import { signal } from '@preact/signals';
import type { AreaOverview, OverviewEvent } from '../api/types';
import { isKnown } from '../i18n/format';
import { live } from '../live';
import { RateHistory } from './history';

const sparklineSeconds = 120;

const histories = new Map<string, RateHistory>();

/** The last overview event by area; null until one has come. */
export const overview = signal<{ time: string; areas: Map<string, AreaOverview> } | null>(null);

export function historyOf(area: string): RateHistory {
  let history = histories.get(area);
  if (!history) histories.set(area, history = new RateHistory(sparklineSeconds));
  return history;
}

export function watchOverview(): () => void {
  return live.watch<OverviewEvent>('Overview', null, 'overview', event => {
    const timeMs = Date.parse(event.time);
    for (const area of event.areas) {
      if (isKnown(area.messagesPerSecond) && isKnown(timeMs)) historyOf(area.code).add(timeMs, area.messagesPerSecond);
    }
    overview.value = { time: event.time, areas: new Map(event.areas.map(area => [area.code, area])) };
  });
}
