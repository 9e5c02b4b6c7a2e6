import { computed, signal } from '@preact/signals';
import type { KindInfo, SystemInfo } from '../api/types';
import { language, metric, named, t } from '../i18n';

/** What the host says of itself; set before any page that needs it is shown. */
export const info = signal<SystemInfo | null>(null);

export const kindsByCode = computed(() => new Map<string, KindInfo>(info.value?.kinds.map(kind => [kind.code, kind]) ?? []));

const areaNames = computed(() => {
  const names = new Map<string, string>();
  const all = info.value;
  if (!all) return names;
  names.set(all.nation.code, named(all.nation));
  for (const region of all.regions) names.set(region.code, language.value === 'vi' ? region.shortName : region.shortNameEn);
  for (const unit of all.units) names.set(unit.code, unit.name);
  return names;
});

/** A region, a unit or the nation by its short name; an unknown code stands for itself. */
export const areaName = (code: string): string => areaNames.value.get(code) ?? code;

export function kindName(code: string): string {
  const kind = kindsByCode.value.get(code);
  return kind ? named(kind) : code;
}

export const unitOfMetric = (kind: string, name: string): string | null =>
  kindsByCode.value.get(kind)?.metrics.find(m => m.name === name)?.unit ?? null;

export const metricLabel = metric;

export const operatorName = (plmn: string): string => info.value?.operators.find(o => o.plmn === plmn)?.name ?? plmn;

export const statusName = (status: string): string =>
  (status === 'online' ? t('status.online') : status === 'silent' ? t('status.silent') : status);
