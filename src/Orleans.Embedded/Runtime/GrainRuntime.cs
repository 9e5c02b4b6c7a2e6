using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>The grains of this process: one shard per core, each grain on the shard that its key chooses.</summary>
internal sealed partial class GrainRuntime : IGrainFactory, IDisposable
{
    private readonly Shard[] _shards;
    private readonly ConcurrentDictionary<Type, GrainTypeRuntime> _types = new();
    private readonly Func<Type, GrainTypeRuntime> _newType;
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private bool _disposed;

    public GrainRuntime(IServiceProvider services, ILogger<GrainRuntime> logger, IMeterFactory meters)
    {
        Services = services;
        _logger = logger;
        _newType = type => new GrainTypeRuntime(this, type);
        _shards = new Shard[Environment.ProcessorCount];
        for (var i = 0; i < _shards.Length; i++) _shards[i] = new Shard(i);
        _meter = meters.Create("Orleans.Embedded");
        _meter.CreateObservableCounter("orleans.turns", () => _shards.Select(s => new Measurement<long>(s.Turns, KeyValuePair.Create("shard", (object?)s.Index))),
            "{turn}", "Turns run per shard.");
        _meter.CreateObservableGauge("orleans.activations", () => _types.Values.Select(t => new Measurement<int>(t.ActivationCount, KeyValuePair.Create("grain", (object?)t.Name))),
            "{grain}", "Grains in memory, by class.");
    }

    public IServiceProvider Services { get; }

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        return (TGrainInterface)(object)TypeOf(typeof(TGrainInterface)).GetOrCreate(primaryKey).Reference;
    }

    public Shard ShardOf(string key) => _shards[(uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)_shards.Length];

    /// <summary>Runs what is queued, then ends the shards' threads.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var shard in _shards) shard.Dispose();
        _meter.Dispose();
    }

    public void OnUnobserved(Activation activation, Exception exception) => LogUnobserved(exception, activation.Type.Name, activation.Key);

    private GrainTypeRuntime TypeOf(Type grainInterface) =>
        _types.TryGetValue(grainInterface, out var type) ? type : _types.GetOrAdd(grainInterface, _newType);

    [LoggerMessage(2001, LogLevel.Error, "{Grain} {Key} threw outside any call.")]
    private partial void LogUnobserved(Exception exception, string grain, string key);
}
