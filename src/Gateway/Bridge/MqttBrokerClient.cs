using Microsoft.Extensions.Logging;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>The broker's client on <c>src/Mqtt</c>.</summary>
public sealed class MqttBrokerClient(BridgeOptions options, TimeProvider clock, ILogger<MqttBrokerClient> logger) : IBrokerClient
{
    // Above the broker's own limit for devices: a 3.1.1 broker cannot be told one, and would send a larger packet again and again.
    private const int MaxPacketSize = 16 * 1024 * 1024;

    private MqttClient? _client;
    private long _acknowledgedBefore;
    private volatile bool _subscribed;

    /// <inheritdoc/>
    public long Acknowledged => Interlocked.Read(ref _acknowledgedBefore) + (Volatile.Read(ref _client)?.AcknowledgementsSent ?? 0);

    /// <inheritdoc/>
    public async Task RunAsync(IBrokerIntake intake, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(intake);
        var settings = Settings(intake);
        try
        {
            while (true)
            {
                await using (var client = new MqttClient(settings))
                {
                    Volatile.Write(ref _client, client);
                    await RunAsync(client, intake, stop).ConfigureAwait(false);
                    Volatile.Write(ref _client, null);
                    Interlocked.Add(ref _acknowledgedBefore, client.AcknowledgementsSent);
                }

                await Task.Delay(options.MaxReconnectDelay, clock, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    /// <summary>Ends when the broker refuses a subscription.</summary>
    private async Task RunAsync(MqttClient client, IBrokerIntake intake, CancellationToken stop)
    {
        _subscribed = false;
        try
        {
            await client.ConnectAsync(stop).ConfigureAwait(false);
            foreach (var filter in options.Filters)
            {
                try
                {
                    // A resumed session has the subscription; retained messages then need not come again.
                    await client.SubscribeAsync(new MqttSubscription(filter, (MqttQoS)options.QoS, RetainHandling: 1), stop).ConfigureAwait(false);
                }
                catch (MqttConnectionLostException)
                {
                    // The client comes back and subscribes by itself.
                }
            }

            _subscribed = true;
            if (client.IsConnected) intake.Connected();
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stop).ConfigureAwait(false);
        }
        catch (MqttProtocolException e)
        {
            intake.NotConnected(e.Message + " Give the gateway's user the right to read it, or correct Broker:Topics.");
        }
    }

    private MqttClientOptions Settings(IBrokerIntake intake)
    {
        var settings = new MqttClientOptions
        {
            ClientId = BridgeIdentity.Read(options),
            Version = options.Version == "5" ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311,
            CleanStart = false,
            SessionExpiry = options.SessionExpiry,
            KeepAlive = TimeSpan.FromSeconds(options.KeepAliveSeconds),
            CaFile = options.CaFile,
            ClientCertificateFile = options.ClientCertificateFile,
            ClientKeyFile = options.ClientKeyFile,
            MaxReceived = options.ReceiveMaximum,
            MaxPacketSize = MaxPacketSize,
            Reconnect = true,
            RetryFirstConnect = true,
            ReconnectMinDelay = options.MinReconnectDelay,
            ReconnectMaxDelay = options.MaxReconnectDelay,
            Receiver = new Receiver(intake),
            Time = clock,
            Logger = logger,
            OnConnectionChanged = (state, failure) => Report(intake, state, failure),
        }.WithUrl(new(options.Url!));
        return settings with { UserName = options.UserName ?? settings.UserName, Password = options.Password ?? settings.Password };
    }

    private void Report(IBrokerIntake intake, MqttConnectionState state, Exception? failure)
    {
        if (state != MqttConnectionState.Connected) intake.NotConnected((failure?.Message ?? "The connection is lost.") + Advice(failure));
        else if (_subscribed) intake.Connected(); // the first time it is said once the subscriptions are made
    }

    private static string Advice(Exception? failure) => (failure as MqttConnectException)?.ReasonCode switch
    {
        MqttReasonCode.BadUserNameOrPassword or MqttReasonCode.NotAuthorized => " Check Broker:UserName and Broker:Password.",
        MqttReasonCode.UnsupportedProtocolVersion or MqttReasonCode.GrantedQoS1 => " Set Broker:Version=3.1.1.", // a 3.1.1 broker's return code 1
        MqttReasonCode.ClientIdentifierNotValid => " Set Broker:ClientId.",
        _ => "",
    };

    private sealed class Receiver(IBrokerIntake intake) : IPublishHandler
    {
        public long DurableTicket => intake.Durable;

        public PublishResult Accept(in InboundPublish publish) => new(intake.Append(publish.Topic, publish.Payload));

        public ValueTask WhenDurableAsync(long ticket, CancellationToken cancellationToken) => intake.WhenDurableAsync(ticket);

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => intake.WhenReadyAsync(cancellationToken);
    }
}
