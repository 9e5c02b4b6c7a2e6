using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The grains of this process: one shard per core, each grain on the shard that its key chooses.</summary>
internal sealed class GrainRuntime : IGrainFactory, IDisposable
{
    private readonly Shard[] _shards;
    private readonly ConcurrentDictionary<Type, GrainInterface> _interfaces = new();
    private readonly ConcurrentDictionary<Type, GrainTypeRuntime> _types = new();
    private readonly RuntimeLog _log;
    private readonly RuntimeMeter _meter;
    private readonly Upkeep _upkeep;
    private long _refused;
    private bool _disposed;

    public GrainRuntime(
        IServiceProvider services, IOptions<SiloMessagingOptions> messaging, IOptions<GrainCollectionOptions> collection, ILogger<GrainRuntime> logger)
    {
        Services = services;
        Clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Collection = collection.Value;
        ResponseTimeoutMs = (long)messaging.Value.ResponseTimeout.TotalMilliseconds;
        MaxWaiting = messaging.Value.MaxEnqueuedRequestsHardLimit;
        _log = new(logger);
        _shards = new Shard[Environment.ProcessorCount];
        for (var i = 0; i < _shards.Length; i++) _shards[i] = new Shard(i);
        _meter = new(this, services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        _upkeep = new(this, _log);
    }

    public IServiceProvider Services { get; }

    public TimeProvider Clock { get; }

    public GrainCollectionOptions Collection { get; }

    /// <summary>See <see cref="SiloMessagingOptions.ResponseTimeout"/>; milliseconds.</summary>
    public long ResponseTimeoutMs { get; }

    /// <summary>See <see cref="SiloMessagingOptions.MaxEnqueuedRequestsHardLimit"/>.</summary>
    public int MaxWaiting { get; }

    /// <summary>Milliseconds of a clock that is read ten times a second: what a call can afford to ask.</summary>
    public long NowMs => _upkeep.NowMs;

    /// <summary>The same clock in tenths of a second.</summary>
    public int NowTenths => (int)(_upkeep.NowMs / 100);

    public IReadOnlyList<Shard> Shards => _shards;

    public int ShardCount => _shards.Length;

    public IEnumerable<GrainTypeRuntime> Types => _types.Values;

    /// <summary>Calls refused because too many waited already.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey)
        where TGrainInterface : IGrainWithStringKey
    {
        if (string.IsNullOrWhiteSpace(primaryKey)) throw BadKey(typeof(TGrainInterface), primaryKey);
        return (TGrainInterface)(object)Get(typeof(TGrainInterface), primaryKey);
    }

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey)
        where TGrainInterface : IGrainWithIntegerKey => (TGrainInterface)(object)Get(typeof(TGrainInterface), primaryKey.ToString(CultureInfo.InvariantCulture));

    public GrainReference ReferenceTo(Type grainInterface, Activation activation) => InterfaceOf(grainInterface).ReferenceTo(activation);

    public Shard ShardOf(string key) => _shards[(uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)_shards.Length];

    public Shard ShardAt(int number) => _shards[(uint)number % (uint)_shards.Length];

    /// <summary>Lets the calls under way and those that wait end, then deactivates every grain.</summary>
    public Task DrainAsync(CancellationToken cancellationToken) => _upkeep.DrainAsync(cancellationToken);

    /// <summary>Runs what is queued, then ends the shards' threads.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _upkeep.Dispose();
        foreach (var shard in _shards) shard.Dispose();
        _meter.Dispose();
    }

    public void OnUnobserved(Activation activation, Exception exception) => _log.Unobserved(exception, activation);

    public void OnOneWayFailed(Activation activation, GrainMethod method, Exception exception) => _log.OneWayFailed(exception, method.Name, activation);

    public void OnTimerFailed(Activation activation, Exception exception) => _log.TimerFailed(exception, activation);

    public void OnTimerStopFailed(Activation activation, Exception exception) => _log.TimerStopFailed(exception, activation);

    public void OnDeactivationFailed(Activation activation, Exception exception) => _log.DeactivationFailed(exception, activation);

    public void OnRefused(Activation activation, int limit)
    {
        // The first, and then ever fewer lines: a flood must not flood the log.
        var refused = Interlocked.Increment(ref _refused);
        if ((refused & (refused - 1)) == 0) _log.Refused(activation, limit, refused);
    }

    private static ArgumentException BadKey(Type grainInterface, string? primaryKey) => primaryKey is null
        ? new ArgumentNullException(nameof(primaryKey), $"The key of an {grainInterface.Name} is null; it must be a text that is neither empty nor white space.")
        : new ArgumentException($"The key of an {grainInterface.Name} is empty or white space; it must have another character.", nameof(primaryKey));

    private GrainReference Get(Type grainInterface, string key)
    {
        var known = InterfaceOf(grainInterface);
        return known.ReferenceTo(known.Type.GetOrCreate(key));
    }

    private GrainInterface InterfaceOf(Type grainInterface) =>
        _interfaces.TryGetValue(grainInterface, out var known) ? known : _interfaces.GetOrAdd(grainInterface, Register);

    private GrainInterface Register(Type grainInterface)
    {
        var (createReference, mayInterleave, grainClass) = GrainRegistry.Find(grainInterface);
        var type = _types.GetOrAdd(grainClass, _ => new(this, grainClass, createReference));
        if (mayInterleave) type.MayInterleave = true;
        return new(type, createReference, type.Keeps(createReference));
    }
}
