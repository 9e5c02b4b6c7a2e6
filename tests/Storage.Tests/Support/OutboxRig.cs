using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>A store with an outbox and the pump that empties it; both can be stopped and started again on the same data.</summary>
internal sealed class OutboxRig : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private InfluxOutboxPump? _pump;
    private InfluxWriter? _writer;
    private int _commits;

    private OutboxRig(InfluxOptions options, TimeProvider time, OutboxHome home)
    {
        (Options, Home) = (options, home);
        _time = time;
    }

    public InfluxOptions Options { get; }

    public OutboxHome Home { get; }

    public ITelemetryStore Store { get; private set; } = null!;

    public IOutbox Outbox { get; private set; } = null!;

    /// <summary>What the pump sees of the outbox.</summary>
    public Func<IOutbox, IOutbox> Decorate { get; set; } = static outbox => outbox;

    public InfluxOutboxStatus Status { get; private set; } = null!;

    public ListLogger<InfluxOutboxPump> PumpLog { get; } = new();

    public static async Task<OutboxRig> StartAsync(InfluxOptions options, TimeProvider? time = null, bool pump = true, OutboxHome? home = null)
    {
        var rig = new OutboxRig(options, time ?? TimeProvider.System, home ?? new SqliteOutboxHome());
        await rig.OpenAsync();
        if (pump) await rig.PumpAsync();
        return rig;
    }

    /// <summary>Commits one window of each device; devices are d0, d1… of commit n, at minute n.</summary>
    public async Task CommitAsync(int devices = 1)
    {
        var commit = new StoreCommit();
        for (var i = 0; i < devices; i++) commit.Windows.Add(Sample.Window($"d{i}", startMs: Sample.T0 + (_commits * 60_000L)));
        _commits++;
        await Store.CommitAsync(commit, default);
    }

    /// <summary>The same, as often as it takes while the store is away.</summary>
    public Task CommitAgainAsync() => AgainAsync(() => CommitAsync());

    /// <summary>Commits, as often as it takes while the store is away.</summary>
    public Task CommitAgainAsync(StoreCommit commit) => AgainAsync(() => Store.CommitAsync(commit, default));

    private static async Task AgainAsync(Func<Task> commit)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var tries = 0; ; tries++)
        {
            try
            {
                await commit();
                return;
            }
            catch (StoreUnavailableException) when (tries < 500)
            {
                await timer.WaitForNextTickAsync();
            }
        }
    }

    /// <summary>The same for devices with these names.</summary>
    public async Task CommitAsync(IReadOnlyList<string> devices)
    {
        var commit = new StoreCommit();
        foreach (var device in devices) commit.Windows.Add(Sample.Window(device, startMs: Sample.T0 + (_commits * 60_000L)));
        _commits++;
        await Store.CommitAsync(commit, default);
    }

    public async Task OpenAsync()
    {
        (Store, Outbox) = Home.Create(Options, _time);
        await Store.OpenAsync(default);
        Status = new InfluxOutboxStatus(Outbox);
    }

    public async Task PumpAsync()
    {
        _writer = new InfluxWriter(Options, _time);
        _pump = new InfluxOutboxPump(Decorate(Outbox), _writer, Options, Status, _time, PumpLog);
        await _pump.StartAsync(default);
    }

    /// <summary>Waits, from step to step of the pump, until <paramref name="condition"/> holds.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (condition()) reached.TrySetResult();
        }

        Status.Changed += Look;
        Look();
        try
        {
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Awaited: {what}. Sent {Status.SentChunks}, waiting {Status.WaitingChunks} ({Status.Problem}).");
        }
        finally
        {
            Status.Changed -= Look;
        }
    }

    public Task UntilEmptyAsync() => UntilAsync(() => Status is { WaitingChunks: 0, WaitingStarts: 0 }, "an empty outbox");

    /// <summary>Stops both as a process that ends does.</summary>
    public async Task StopAsync()
    {
        if (_pump is not null)
        {
            await _pump.StopAsync(default);
            // Cancelled: it was stopped before it had begun.
            Assert.True(_pump.ExecuteTask!.IsCompletedSuccessfully || _pump.ExecuteTask.IsCanceled, "The pump ended with an error.");
            _pump.Dispose();
        }

        _writer?.Dispose();
        (_pump, _writer) = (null, null);
        await Store.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Home.DisposeAsync();
    }
}
