import type { MessageKey } from '../i18n';

/** One step of the SS-RSRP ladder: an industry convention (domain reference, part B), from best to worst. */
export interface CoverageClass { code: 'excellent' | 'good' | 'fair' | 'poor' | 'none'; from: number; colour: string; text: MessageKey }

/** `from` is the lowest median of the class, dBm; the colours also differ in lightness. */
export const rsrpLadder: readonly CoverageClass[] = [
  { code: 'excellent', from: -80, colour: '#0b6e4f', text: 'coverage.excellent' },
  { code: 'good', from: -90, colour: '#5bb450', text: 'coverage.good' },
  { code: 'fair', from: -100, colour: '#f0c419', text: 'coverage.fair' },
  { code: 'poor', from: -110, colour: '#ea7317', text: 'coverage.poor' },
  { code: 'none', from: -Infinity, colour: '#a4133c', text: 'coverage.none' },
];

/** The class of a median in dBm; null when there is none: unknown is not "none". */
export function classOf(median: number | null | undefined): CoverageClass | null {
  if (median === null || median === undefined || Number.isNaN(median)) return null;
  return rsrpLadder.find(step => median >= step.from) ?? null;
}
