/** The last values of a rate, for a sparkline: bounded, oldest first. */
export class RateHistory {
  private readonly values: Array<{ timeMs: number; value: number }> = [];

  constructor(readonly spanSeconds: number) {}

  add(timeMs: number, value: number): void {
    // A host that came back with an earlier clock: what lies ahead of it would never leave.
    while ((this.values.at(-1)?.timeMs ?? -Infinity) >= timeMs) this.values.pop();
    this.values.push({ timeMs, value });
    const oldest = timeMs - this.spanSeconds * 1000;
    while ((this.values[0]?.timeMs ?? Infinity) < oldest) this.values.shift();
  }

  get points(): ReadonlyArray<{ timeMs: number; value: number }> {
    return this.values;
  }
}
