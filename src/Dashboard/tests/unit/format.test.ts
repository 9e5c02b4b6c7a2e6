import { describe, expect, it } from 'vitest';
import { en } from '../../src/i18n/en';
import { formatCount, formatRate, formatTime, formatValue } from '../../src/i18n/format';
import { initialLanguage } from '../../src/i18n/language';
import { metricName, unitName } from '../../src/i18n/metrics';
import { vi } from '../../src/i18n/vi';

describe('figures', () => {
  it.each([null, undefined, NaN, Infinity])('show %s as unknown, never as 0', value => {
    expect(formatCount('vi', value)).toBe('–');
    expect(formatValue('en', value)).toBe('–');
    expect(formatRate('en', value)).toBe('–');
  });

  it('show zero as zero', () => {
    expect(formatCount('vi', 0)).toBe('0');
    expect(formatRate('en', 0)).toBe('0.0');
  });

  it('follow the language', () => {
    expect(formatCount('vi', 1234567)).toBe('1.234.567');
    expect(formatCount('en', 1234567)).toBe('1,234,567');
    expect(formatValue('vi', 12.34)).toBe('12,3');
    expect(formatValue('en', -92.76)).toBe('-92.8');
  });

  it('keep about three significant digits', () => {
    expect([0.00012345, 0.5, 7.126, 31.04, 1008.26, 150].map(v => formatValue('en', v))).toEqual(['0.000123', '0.50', '7.13', '31.0', '1,008', '150']);
  });
});

describe('times', () => {
  it('are those of Vietnam, whatever the zone of the machine', () => {
    expect(formatTime('vi', '2026-06-30T18:05:09Z')).toBe('01/07/2026 01:05:09');
    expect(formatTime('en', Date.UTC(2026, 0, 1, 17), 'dayMinute')).toBe('02/01 00:00');
  });

  it('are unknown where there is none', () => {
    expect(formatTime('vi', null)).toBe('–');
    expect(formatTime('vi', 'yesterday')).toBe('–');
  });
});

describe('the language', () => {
  it.each([
    [null, ['vi-VN', 'en'], 'vi'], [null, ['VI'], 'vi'], [null, ['en-US', 'vi'], 'en'], [null, ['fr'], 'en'], [null, [], 'en'],
    ['en', ['vi'], 'en'], ['vi', ['en'], 'vi'], ['xx', ['vi'], 'vi'],
  ] as const)('stored %s with browser %s is %s', (stored, preferred, expected) => {
    expect(initialLanguage(stored, preferred)).toBe(expected);
  });

  it('has every text in both languages with the same places for values', () => {
    const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
    for (const key of Object.keys(vi) as Array<keyof typeof vi>) {
      expect(places(en[key]), key).toEqual(places(vi[key]));
      expect(en[key], key).not.toBe('');
    }
  });

  it('names metrics by kind where one word has two meanings', () => {
    expect(metricName('en', 'traffic', 'flow')).toBe('Traffic flow');
    expect(metricName('en', 'water', 'flow')).toBe('Discharge');
    expect(metricName('vi', 'custom', 'foo')).toBe('foo');
    expect(unitName('vi', 'veh/h')).toBe('xe/giờ');
    expect(unitName('vi', 'dBm')).toBe('dBm');
  });
});
