import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { language, number, t, time } from '../i18n';
import type { TimeShape } from '../i18n/format';
import { onSchemeChange } from '../map/palette';
import type { SeriesColumns } from './series-data';

interface SeriesChartProps { columns: SeriesColumns; unit: string; from: number; to: number; label: string }

const zone = 'Asia/Ho_Chi_Minh';
const height = 280;

/** Mean with its band of minimum and maximum, and live readings as points. */
export function SeriesChart({ columns, unit, from, to, label }: SeriesChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ columns, from, to });
  latest.current = { columns, from, to };
  const locale = language.value;

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const build = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(options(element.clientWidth, unit, () => latest.current), dataOf(latest.current.columns), element);
    };
    build();
    const resize = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (plot.current && width > 0 && width !== plot.current.width) plot.current.setSize({ width, height });
    });
    resize.observe(element);
    const endScheme = onSchemeChange(build);
    return () => {
      endScheme();
      resize.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [unit, locale]);

  useEffect(() => {
    plot.current?.setData(dataOf(columns));
  }, [columns, from, to]);

  return <div class="chart" ref={host} role="img" aria-label={label} data-testid="chart" />;
}

function dataOf({ x, mean, min, max, live }: SeriesColumns): uPlot.AlignedData {
  return [x, max, min, mean, live];
}

function options(width: number, unit: string, now: () => { columns: SeriesColumns; from: number; to: number }): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const grid = { stroke: colour('--grid'), width: 1 };
  const font = `12px ${style.fontFamily}`;
  const value = (_: uPlot, v: number | null): string => (v == null ? number(v) : `${number(v)}${unit ? ` ${unit}` : ''}`);
  return {
    width: Math.max(width, 200),
    height,
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    legend: { live: true },
    // The window that is still open stands at its middle, which may lie ahead of now.
    scales: { x: { range: () => [now().from, Math.max(now().to, now().columns.x.at(-1) ?? 0)] } },
    axes: [
      {
        stroke: colour('--muted'), grid, ticks: grid, font, space: 70,
        values: (_, splits, __, ___, step) => splits.map(split => time(split * 1000, axisShape(step))),
      },
      { stroke: colour('--muted'), grid, ticks: grid, font, size: 62, values: (_, splits) => splits.map(split => number(split)) },
    ],
    series: [
      { label: t('device.time'), value: (_, v: number | null) => time(v == null ? null : v * 1000) },
      { label: t('device.max'), stroke: colour('--band-line'), width: 1, value, points: { show: false } },
      { label: t('device.min'), stroke: colour('--band-line'), width: 1, value, points: { show: false } },
      { label: t('device.mean'), stroke: colour('--accent'), width: 2, value, points: { show: isAlone } },
      { label: t('device.live'), stroke: colour('--live'), width: 1.2, dash: [3, 3], value, points: { show: true, size: 5, fill: colour('--live') } },
    ],
    bands: [{ series: [1, 2], fill: colour('--band') }],
  };
}

/** Few rows make short lines or none at all: then show them as points. */
function isAlone(plot: uPlot): boolean {
  return (plot.data[3] ?? []).filter(v => v != null).length < 40;
}

function axisShape(stepSeconds: number): TimeShape {
  if (stepSeconds >= 86_400) return 'day';
  if (stepSeconds >= 14_400) return 'dayMinute';
  return stepSeconds >= 60 ? 'minute' : 'time';
}
