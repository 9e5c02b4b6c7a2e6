using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SmartCity.Gateway;

/// <summary>
/// Brings the messages of an existing broker into the intake log. The broker is acknowledged when the log holds them; what was not acknowledged
/// when a process or a connection ends, the broker sends again.
/// </summary>
public sealed partial class BridgeService : IHostedService, IBrokerIntake, IDisposable
{
    private readonly IntakeLog _log;
    private readonly IBrokerClient _client;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _broker;
    private Task _running = Task.CompletedTask;
    private string? _lastProblem;
    private bool _connected;
    private long _received;
    private long _connects;

    public BridgeService(IntakeLog log, IBrokerClient client, BridgeOptions options, IMeterFactory meters, ILogger<BridgeService> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meters);
        (_log, _client, _logger) = (log, client, logger);
        _broker = Uri.TryCreate(options.Url, UriKind.Absolute, out var url)
            ? url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port, UriFormat.UriEscaped) // without the password
            : "";
        Topics = string.Join(", ", options.Filters);
        var meter = meters.Create("SmartCity.Gateway");
        meter.CreateObservableCounter("smartcity.bridge.received", () => Volatile.Read(ref _received), "{message}", "Messages received from the external broker.");
        meter.CreateObservableCounter("smartcity.bridge.acknowledged", () => _client.Acknowledged, "{message}", "Messages acknowledged to the external broker.");
        meter.CreateObservableCounter("smartcity.bridge.reconnects", () => Math.Max(0, Volatile.Read(ref _connects) - 1), "{connection}", "Times the connection to the external broker came back.");
        meter.CreateObservableGauge("smartcity.bridge.connected", () => Volatile.Read(ref _connected) ? 1 : 0, "{connection}", "1 while connected to the external broker.");
    }

    /// <inheritdoc/>
    public long Durable => _log.Durable;

    private string Topics { get; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    /// <inheritdoc/>
    public long Append(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        Volatile.Write(ref _received, _received + 1); // one read loop counts
        return _log.Append(topic, payload);
    }

    /// <inheritdoc/>
    public ValueTask WhenDurableAsync(long ticket) => _log.WhenDurableAsync(ticket);

    /// <inheritdoc/>
    public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => _log.WhenReadyAsync(cancellationToken);

    /// <inheritdoc/>
    public void Connected()
    {
        lock (_lock)
        {
            Volatile.Write(ref _connected, true);
            _lastProblem = null;
            _connects++;
        }

        LogConnected(_broker, Topics);
    }

    /// <inheritdoc/>
    public void NotConnected(string reason)
    {
        lock (_lock)
        {
            Volatile.Write(ref _connected, false);
            if (_lastProblem == reason) return;
            _lastProblem = reason;
        }

        LogNotConnected(_broker, reason);
    }

    private async Task RunAsync()
    {
        try
        {
            await _client.RunAsync(this, _stopping.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // What the client cannot cope with ends the bridge, not the host: devices of the own listener go on.
            LogFailed(exception, _broker);
        }
        finally
        {
            Volatile.Write(ref _connected, false);
        }
    }

    [LoggerMessage(5200, LogLevel.Information, "Reading from the MQTT broker {Broker}: {Topics}.")]
    private partial void LogConnected(string broker, string topics);

    [LoggerMessage(5201, LogLevel.Warning, "Not reading from the MQTT broker {Broker}: {Reason} What it keeps for this gateway waits there.")]
    private partial void LogNotConnected(string broker, string reason);

    [LoggerMessage(5202, LogLevel.Error, "The bridge to the MQTT broker {Broker} has failed and stands still. Restart the gateway.")]
    private partial void LogFailed(Exception exception, string broker);
}
