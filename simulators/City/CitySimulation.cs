using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>
/// Publishes a simulated city to a broker, in real time. It waits for a broker that is not up, comes back after a lost connection, and ends only by
/// cancellation or after <see cref="CityOptions.Duration"/>. Measurements that fall into a time without a broker are left out, as by devices without a store.
/// </summary>
public sealed class CitySimulation
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_hurriedDrain = TimeSpan.FromSeconds(2);

    /// <summary>How far behind the clock a message may be sent; beyond, the devices were off.</summary>
    private const long MaxBehindMs = 10_000;

    private readonly CityOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private long _sent;
    private long _acknowledged;
    private long _refused;
    private long _skipped;

    /// <exception cref="ArgumentException">An option makes no sense; the message says what to write instead.</exception>
    public CitySimulation(CityOptions options, TimeProvider clock, ILogger? logger = null)
    {
        options.Validate();
        if (options.Duration > CityRunOptions.Longest) throw CityRunOptions.TooLong(options.Duration.Value);
        _options = options;
        _clock = clock;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>Messages written.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Messages acknowledged with success; stays 0 with QoS 0.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Messages whose acknowledgement had a failure code.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Measurements left out because there was no broker or it was too slow.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <inheritdoc cref="RunAsync(MqttClientOptions, CancellationToken)"/>
    [OverloadResolutionPriority(1)]
    public Task RunAsync(Uri endpoint, CancellationToken cancellationToken) => RunAsync(new MqttClientOptions().WithUrl(endpoint), cancellationToken);

    /// <summary>Runs the city. Ends without an exception when cancelled.</summary>
    /// <param name="endpoint">Broker, credentials and authority.</param>
    public async Task RunAsync(MqttClientOptions endpoint, CancellationToken cancellationToken)
    {
        using var duration = _options.Duration is { } limit ? new CancellationTokenSource(limit, _clock) : new();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(duration.Token, cancellationToken);
        var stop = both.Token;
        using var traffic = new CityTraffic(_options, _clock.GetUtcNow().ToUnixTimeMilliseconds());
        while (!stop.IsCancellationRequested)
        {
            var clients = new List<MqttClient>();
            try
            {
                await ConnectAsync(endpoint, clients, stop).ConfigureAwait(false);
                _logger.CityConnected(endpoint.Host, endpoint.Port, traffic.DeviceCount, clients.Count);
                await PublishAsync(traffic, clients, stop, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Asked to end.
            }
            catch (Exception e)
            {
                // Whatever it was, the city goes on: it must not take its host down.
                _logger.CityInterrupted(endpoint.Host, endpoint.Port, e.Message);
                await WaitAsync(s_retry, stop).ConfigureAwait(false);
            }
            finally
            {
                foreach (var client in clients) await client.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task ConnectAsync(MqttClientOptions endpoint, List<MqttClient> clients, CancellationToken stop)
    {
        for (var i = 0; i < _options.Connections; i++)
        {
            var client = new MqttClient(endpoint with
            {
                ClientId = $"city-{_options.Seed}-{Environment.ProcessId}-{i}",
                OnAcknowledged = OnAcknowledged,
                MaxInFlight = 256,
                Time = _clock,
                Logger = _logger,
            });
            clients.Add(client);
            await client.ConnectAsync(stop).ConfigureAwait(false);
        }
    }

    private async Task PublishAsync(CityTraffic traffic, List<MqttClient> clients, CancellationToken stop, CancellationToken cancelled)
    {
        while (true)
        {
            var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
            if (traffic.NextMs < now - MaxBehindMs) Interlocked.Add(ref _skipped, traffic.SkipTo(now));
            while (traffic.TryNext(now))
            {
                if (traffic.OffBecause is not null) continue;
                await clients[traffic.Device % clients.Count].SendAsync(traffic.Topic, traffic.Payload, _options.QoS, flush: true, stop).ConfigureAwait(false);
                Interlocked.Increment(ref _sent);
            }

            foreach (var client in clients)
            {
                if (!client.IsConnected) throw new MqttConnectionLostException(client.Failure?.Message ?? "The connection is lost.");
            }

            if (!await WaitAsync(s_tick, stop).ConfigureAwait(false)) break;
        }

        // What is on its way is worth a moment more.
        using var patience = new CancellationTokenSource(s_drain, _clock);

        // Who pressed Ctrl+C wants the summary now.
        using var hurry = cancelled.Register(() => patience.CancelAfter(s_hurriedDrain));
        foreach (var client in clients) await client.DrainAsync(patience.Token).ConfigureAwait(false);
    }

    /// <summary>False when asked to end.</summary>
    private async Task<bool> WaitAsync(TimeSpan delay, CancellationToken stop)
    {
        try
        {
            await Task.Delay(delay, _clock, stop).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void OnAcknowledged(MqttAcknowledgement acknowledgement)
    {
        if ((byte)acknowledgement.ReasonCode < 0x80) Interlocked.Increment(ref _acknowledged);
        else Interlocked.Increment(ref _refused);
    }
}
