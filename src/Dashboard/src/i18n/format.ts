import type { Language } from './language';

/** Stands where a value is not known. */
export const unknown = '–';

const timeZone = 'Asia/Ho_Chi_Minh';

const locale = (language: Language): string => (language === 'vi' ? 'vi-VN' : 'en-GB');

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, create: () => T): T {
  const found = cache.get(key) as T | undefined;
  if (found) return found;
  const made = create();
  cache.set(key, made);
  return made;
}

function numberFormat(language: Language, decimals: number): Intl.NumberFormat {
  return cached(`n${language}${decimals}`, () => new Intl.NumberFormat(locale(language), {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  }));
}

type Maybe<T> = T | null | undefined;

/** A whole number with the grouping of the language. */
export function formatCount(language: Language, value: Maybe<number>): string {
  return isKnown(value) ? numberFormat(language, 0).format(value) : unknown;
}

/** A measured value with about three significant digits, so that columns stay narrow and nothing is pretended. */
export function formatValue(language: Language, value: Maybe<number>): string {
  if (!isKnown(value)) return unknown;
  const size = Math.abs(value);
  if (size >= 1000 || (Number.isInteger(value) && size >= 100)) return numberFormat(language, 0).format(value);
  if (size >= 10) return numberFormat(language, 1).format(value);
  if (size >= 0.1 || size === 0) return numberFormat(language, 2).format(value);
  return cached(`s${language}`, () => new Intl.NumberFormat(locale(language), { maximumSignificantDigits: 3 })).format(value);
}

/** A rate per second: whole above 100, one decimal below. */
export function formatRate(language: Language, value: Maybe<number>): string {
  return isKnown(value) ? numberFormat(language, value >= 100 ? 0 : 1).format(value) : unknown;
}

export function formatPercent(language: Language, share: Maybe<number>): string {
  if (!isKnown(share)) return unknown;
  return cached(`p${language}`, () => new Intl.NumberFormat(locale(language), { style: 'percent', maximumFractionDigits: 1 })).format(share);
}

export function formatDegrees(language: Language, value: Maybe<number>): string {
  return isKnown(value) ? numberFormat(language, 5).format(value) : unknown;
}

const two = '2-digit' as const;

const shapes = {
  time: { hour: two, minute: two, second: two },
  minute: { hour: two, minute: two },
  dayMinute: { day: two, month: two, hour: two, minute: two },
  day: { day: two, month: two },
  full: { day: two, month: two, year: 'numeric', hour: two, minute: two, second: two },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

export type TimeShape = keyof typeof shapes;

/** An instant (RFC 3339 or Unix milliseconds) on the clock of Vietnam, 24 hours. */
export function formatTime(language: Language, instant: Maybe<string | number>, shape: TimeShape = 'full'): string {
  if (instant === null || instant === undefined) return unknown;
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return unknown;
  const format = cached(`t${language}${shape}`, () =>
    new Intl.DateTimeFormat(locale(language), { ...shapes[shape], timeZone, hourCycle: 'h23' }));
  // The language's own order puts the time first in Vietnamese; a table reads better with the day first in both.
  const part = Object.fromEntries(format.formatToParts(date).map(p => [p.type, p.value]));
  const day = part['day'] ? [part['day'], part['month'], part['year']].filter(Boolean).join('/') : '';
  const time = part['hour'] ? [part['hour'], part['minute'], part['second']].filter(Boolean).join(':') : '';
  return [day, time].filter(Boolean).join(' ');
}

export function isKnown(value: Maybe<number>): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
