const firstMs = 500;
const longestMs = 15_000;

/**
 * How long to wait before the next attempt: doubles from half a second to 15 s, each with up to a quarter taken off at random,
 * so that many dashboards do not come back to a restarted host in the same instant.
 * @param failures attempts that have failed in a row, from 0
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
  return Math.round(full * (1 - random() / 4));
}
