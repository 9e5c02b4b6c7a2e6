import { computed, effect, signal } from '@preact/signals';
import { en } from './en';
import * as format from './format';
import { initialLanguage, readStoredLanguage, storeLanguage, type Language } from './language';
import { metricName, unitName } from './metrics';
import { vi, type MessageKey } from './vi';

export type { Language, MessageKey };

export const language = signal<Language>(initialLanguage(readStoredLanguage(), navigator.languages ?? [navigator.language]));

const messages = computed(() => (language.value === 'vi' ? vi : en));

effect(() => { document.documentElement.lang = language.value; });

export function chooseLanguage(choice: Language): void {
  language.value = choice;
  storeLanguage(choice);
}

/** The text of a key in the language of the page; reading it makes a component follow the language. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return messages.value[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Whichever of the two names fits the language. */
export function named(item: { name: string; nameEn: string }): string {
  return language.value === 'vi' ? item.name : item.nameEn;
}

type Maybe<T> = T | null | undefined;

export const count = (value: Maybe<number>): string => format.formatCount(language.value, value);
export const number = (value: Maybe<number>): string => format.formatValue(language.value, value);
export const rate = (value: Maybe<number>): string => format.formatRate(language.value, value);
export const percent = (share: Maybe<number>): string => format.formatPercent(language.value, share);
export const degrees = (value: Maybe<number>): string => format.formatDegrees(language.value, value);
export const time = (instant: Maybe<string | number>, shape?: format.TimeShape): string =>
  format.formatTime(language.value, instant, shape);
export const metric = (kind: string, name: string): string => metricName(language.value, kind, name);

/** A unit of measure for people; nothing where there is none. */
export const unit = (name: Maybe<string>): string => (name ? unitName(language.value, name) : '');

/** A span such as the step of a chart. */
export function duration(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return t('duration.hours', { value: count(seconds / 3600) });
  if (seconds >= 60 && seconds % 60 === 0) return t('duration.minutes', { value: count(seconds / 60) });
  return t('duration.seconds', { value: number(seconds) });
}
