using System.Diagnostics.Metrics;

namespace Orleans.Runtime;

/// <summary>What the grain host can be asked for at any time; measured when somebody asks.</summary>
internal sealed class RuntimeMeter : IDisposable
{
    private readonly Meter _meter;

    public RuntimeMeter(GrainRuntime runtime, IMeterFactory meters)
    {
        _meter = meters.Create("Orleans.Embedded");
        _meter.CreateObservableCounter("orleans.turns", () => runtime.Shards.Select(s => new Measurement<long>(s.Turns, Of("shard", s.Index))), "{turn}", "Turns run per shard.");
        _meter.CreateObservableGauge("orleans.queue", () => runtime.Shards.Select(s => new Measurement<long>(s.Depth, Of("shard", s.Index))), "{turn}", "Turns that wait, per shard.");
        _meter.CreateObservableGauge("orleans.busy", () => runtime.Shards.Select(s => new Measurement<int>(s.Busy.Count, Of("shard", s.Index))), "{grain}", "Grains with calls that wait or are suspended, per shard.");
        _meter.CreateObservableGauge("orleans.activations", () => runtime.Types.Select(t => new Measurement<long>(t.Live, Of("grain", t.Name))), "{grain}", "Grains in memory, by class.");
        _meter.CreateObservableCounter("orleans.activated", () => runtime.Types.Select(t => new Measurement<long>(t.ActivatedTotal, Of("grain", t.Name))), "{grain}", "Activations since the start, by class.");
        _meter.CreateObservableCounter("orleans.refused", () => runtime.Refused, "{call}", "Calls refused because too many waited for their grain.");
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Of(string name, object value) => new(name, value);
}
