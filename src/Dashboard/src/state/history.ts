export interface RatePoint { timeMs: number; value: number }

/** The last values of a rate, for a sparkline: bounded, oldest first. */
export class RateHistory {
  private values: readonly RatePoint[] = [];

  constructor(readonly spanSeconds: number) {}

  add(timeMs: number, value: number): void {
    const oldest = timeMs - this.spanSeconds * 1000;
    // A host that came back with an earlier clock: what lies ahead of it would never leave.
    this.values = [...this.values.filter(point => point.timeMs >= oldest && point.timeMs < timeMs), { timeMs, value }];
  }

  /** A new array after each addition: components are drawn anew only for what is not the same. */
  get points(): readonly RatePoint[] {
    return this.values;
  }
}
