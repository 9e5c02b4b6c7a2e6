namespace SmartCity.Contracts;

/// <summary>A stretch of a counter whose readings are not kept one by one any more.</summary>
/// <param name="FirstMs">Event time of <paramref name="First"/>, its first value; Unix milliseconds. Likewise <paramref name="LastMs"/> and <paramref name="Last"/>.</param>
/// <param name="Increase">From the first to the last; likewise <paramref name="Resets"/>.</param>
[GenerateSerializer, Immutable]
internal readonly record struct CounterRun(
    [property: Id(0)] long FirstMs, [property: Id(1)] double First, [property: Id(2)] long LastMs, [property: Id(3)] double Last, [property: Id(4)] double Increase, [property: Id(5)] long Resets)
{
    public static CounterRun Of(CounterPoint point) => new(point.Ms, point.Value, point.Ms, point.Value, 0, 0);

    /// <summary>This one and what came after it.</summary>
    public CounterRun Then(in CounterRun next, double rollover)
    {
        var step = CounterStep.Between(Last, next.First, rollover);
        return new(FirstMs, First, next.LastMs, next.Last, Increase + step.Increase + next.Increase, Resets + step.Resets + next.Resets);
    }
}
