using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// Publishes a city with faults, as fast as its clock runs, and writes down what became of every message. Nothing is left out: devices keep what they could not send,
/// so a broker that is away or slow makes the run longer. Ends by cancellation or at the end of its time, with everything that was sent acknowledged or counted as unknown.
/// </summary>
public sealed class CityRun
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);
    private readonly CityOptions _city;
    private readonly CityRunOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CityRunProgress _progress = new();

    /// <exception cref="ArgumentException">An option makes no sense; the message says what to write instead.</exception>
    public CityRun(CityOptions city, CityRunOptions options, TimeProvider clock, ILogger? logger = null)
    {
        city.Validate();
        _city = city;
        _options = options;
        _clock = clock;
        _logger = logger ?? NullLogger.Instance;
        (FromMs, ToMs) = options.Validate(clock.GetUtcNow());
    }

    /// <summary>Start of the simulated time, Unix milliseconds.</summary>
    public long FromMs { get; }

    /// <summary>End of the simulated time, Unix milliseconds; <see cref="long.MaxValue"/> without one.</summary>
    public long ToMs { get; }

    public CityRunProgress Progress => _progress;

    /// <inheritdoc cref="RunAsync(MqttClientOptions, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public Task<TruthRun?> RunAsync(Uri endpoint, CancellationToken stop) => RunAsync(new MqttClientOptions().WithUrl(endpoint), stop);

    /// <summary>Runs the city.</summary>
    /// <param name="endpoint">Broker, credentials and authority.</param>
    /// <returns>The run as it is in the truth; null when none is written.</returns>
    public async Task<TruthRun?> RunAsync(MqttClientOptions endpoint, CancellationToken stop)
    {
        var started = _clock.GetUtcNow();
        using var truth = _options.Truth is { } folder ? new TruthWriter(folder) : null;

        // Intervals are of simulated time: at 144 times the speed, devices measure 144 times as seldom to send as many messages a second.
        using var traffic = new FaultyTraffic(_city with { Rate = _city.Rate / _options.Speed }, _options.Faults, FromMs);

        // A broker that keeps its connections and answers nothing must not hold the run up for ever.
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        var connections = Enumerable.Range(0, _city.Connections).Select(i => new CityConnection(endpoint, $"city-{_city.Seed}-{Environment.ProcessId}-{i}", _city.QoS, Settled, _clock, _logger)).ToList();
        using var strays = new StraySender(endpoint, _city.QoS, Settled, _clock);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(stop, silence.Token);
        Heard();
        var running = connections.Select(c => RunAsync(c, broken)).ToList();
        try
        {
            await FeedAsync(traffic, connections, strays, Settled, broken.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (broken.IsCancellationRequested)
        {
            // Asked to end: what is held back is never sent.
            while (traffic.Flush() is { } held) Settled(TruthRecord.From(held, TruthOutcome.Lost, 0, 0, 0));
        }
        finally
        {
            foreach (var connection in connections) connection.Complete();
            await Task.WhenAll(running).ConfigureAwait(false);
            await strays.WhenIdleAsync().ConfigureAwait(false);
            foreach (var connection in connections) connection.Dispose();
        }

        var run = truth?.Finish(Describe(traffic, started));
        if (run is not null && _options.Answers && !stop.IsCancellationRequested) await Task.Run(() => AnswerFiles.Write(_options.Truth!), CancellationToken.None).ConfigureAwait(false);
        return run;

        void Settled(TruthRecord record)
        {
            _progress.Count(record);
            truth?.Add(record);
            Heard();
        }

        void Heard()
        {
            if (ToMs == long.MaxValue) return;
            var left = TimeSpan.FromMilliseconds((ToMs - FromMs) / _options.Speed) - (_clock.GetUtcNow() - started);
            silence.CancelAfter((left > TimeSpan.Zero ? left : TimeSpan.Zero) + _options.DrainTimeout);
        }
    }

    /// <summary>A connection that fails for good ends the run instead of holding it up.</summary>
    private static async Task RunAsync(CityConnection connection, CancellationTokenSource broken)
    {
        try
        {
            await connection.RunAsync(broken.Token).ConfigureAwait(false);
        }
        catch
        {
            await broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task FeedAsync(FaultyTraffic traffic, List<CityConnection> connections, StraySender strays, Action<TruthRecord> settled, CancellationToken stop)
    {
        var begun = _clock.GetTimestamp();
        while (true)
        {
            var now = FromMs + (long)(_clock.GetElapsedTime(begun).TotalMilliseconds * _options.Speed);
            var until = Math.Min(now, ToMs - 1);
            while (traffic.TryNext(until) is { } message) await SendAsync(message, connections, strays, settled, stop).ConfigureAwait(false);
            _progress.SimulatedMs = until;
            if (now >= ToMs) break;
            await Task.Delay(s_tick, _clock, stop).ConfigureAwait(false);
        }

        while (traffic.Flush() is { } held) await SendAsync(held, connections, strays, settled, stop).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(FaultyMessage message, List<CityConnection> connections, StraySender strays, Action<TruthRecord> settled, CancellationToken stop)
    {
        if (message.CutsConnections)
        {
            foreach (var connection in connections) connection.Cut();
        }

        _progress.CountMade();
        switch (message.Route)
        {
            case SendRoute.Lost:
                settled(TruthRecord.From(message, TruthOutcome.Lost, 0, 0, 0));
                break;
            case SendRoute.Normal:
                try
                {
                    await connections[message.Device % connections.Count].SendAsync(message, stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    settled(TruthRecord.From(message, TruthOutcome.Lost, 0, 0, 0));
                    throw;
                }

                break;
            default:
                await strays.SendAsync(message, stop).ConfigureAwait(false);
                break;
        }
    }

    private TruthRun Describe(FaultyTraffic traffic, DateTimeOffset started)
    {
        // Ctrl+C ends it sooner than planned, and what was to happen later has not happened.
        var endMs = Math.Min(ToMs, _progress.SimulatedMs + 1);
        return new()
        {
            Seed = _city.Seed,
            Devices = traffic.DeviceCount,
            Rate = _city.Network is null ? _city.Rate : null,
            Speed = _options.Speed,
            QoS = (int)_city.QoS,
            Regions = _city.Regions,
            EventsFrom = At(FromMs),
            EventsTo = At(endMs),
            Started = started,
            Ended = _clock.GetUtcNow(),
            Faults = _options.Faults.ToDictionary(),
            Scenarios =
            [
                .. traffic.Conditions.Timeline.Where(e => e.FromMs < endMs && e.ToMs > FromMs)
                    .Select(e => new TruthEvent(e.Event.Name, At(Math.Max(FromMs, e.FromMs)), At(Math.Min(endMs, e.ToMs)), e.Event.Strength, e.Event.Units)),
            ],
            Problems =
            [
                .. traffic.Problems.Where(p => p.FromMs < endMs && p.ToMs > FromMs)
                    .Select(p => new TruthProblem(p.Kind, p.Cause, p.Unit, p.Cells, p.Latitude, p.Longitude, p.RadiusMetres, At(Math.Max(FromMs, p.FromMs)), At(Math.Min(endMs, p.ToMs)))),
            ],
            Messages = new Dictionary<string, long>(),
            Causes = new Dictionary<string, long>(),
            Resent = 0,
        };
    }

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
