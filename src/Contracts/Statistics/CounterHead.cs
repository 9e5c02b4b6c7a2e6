namespace SmartCity.Contracts;

/// <summary>What a counter's state has beside its readings.</summary>
/// <param name="Sum">Of several meters; nothing else is known of them.</param>
/// <param name="Rollover">See <see cref="MetricForm.Rollover"/>.</param>
/// <param name="Run">What came before its readings and is not kept one by one.</param>
internal readonly record struct CounterHead(bool IsSum, CounterStep Sum, double Rollover, CounterRun? Run);
