using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace SmartCity.Gateway;

/// <summary>The broker's client on MQTTnet 5.</summary>
public sealed class MqttNetBrokerClient(BridgeOptions options, TimeProvider clock) : IBrokerClient
{
    private long _acknowledged;

    /// <inheritdoc/>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <inheritdoc/>
    public async Task RunAsync(IBrokerIntake intake, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(intake);
        var delay = options.MinReconnectDelay;
        while (!stop.IsCancellationRequested)
        {
            if (await ConnectOnceAsync(intake, stop).ConfigureAwait(false)) delay = options.MinReconnectDelay;
            var wait = delay * (0.5 + (Random.Shared.NextDouble() / 2)); // many gateways must not come back at the same instant
            await Task.Delay(wait, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, options.MaxReconnectDelay.Ticks));
        }
    }

    /// <summary>One connection, from its start to its end; true when the broker had accepted it.</summary>
    private async Task<bool> ConnectOnceAsync(IBrokerIntake intake, CancellationToken stop)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var room = new SemaphoreSlim(options.ReceiveMaximum);
        var unacknowledged = Channel.CreateUnbounded<(long Ticket, MqttApplicationMessageReceivedEventArgs Message)>(new() { SingleReader = true }); // at most ReceiveMaximum
        var reason = "The connection is lost.";
        client.ApplicationMessageReceivedAsync += async message =>
        {
            // MQTTnet waits for this before it hands over the next one, so waiting here holds the broker back.
            message.AutoAcknowledge = false;
            await room.WaitAsync(ended.Token).ConfigureAwait(false);
            await intake.WhenReadyAsync(ended.Token).ConfigureAwait(false);
            var payload = message.ApplicationMessage.Payload;
            var ticket = intake.Append(Encoding.UTF8.GetBytes(message.ApplicationMessage.Topic), payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray());
            await unacknowledged.Writer.WriteAsync((ticket, message), ended.Token).ConfigureAwait(false);
        };
        client.DisconnectedAsync += lost =>
        {
            if (lost.Exception is { } exception) reason = Say(exception);
            ended.Cancel();
            return Task.CompletedTask;
        };
        var accepted = false;
        try
        {
            var result = await client.ConnectAsync(Settings(), ended.Token).ConfigureAwait(false);
            if (result.ResultCode != MqttClientConnectResultCode.Success) throw new InvalidOperationException($"The broker refuses: {result.ResultCode}. Check Broker:UserName and Broker:Password.");
            accepted = true;
            var acknowledging = AcknowledgeAsync(intake, unacknowledged.Reader, room, ended.Token);
            await SubscribeAsync(client, ended.Token).ConfigureAwait(false);
            intake.Connected();
            await acknowledging.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped: the session stays with the broker.
            await client.TryDisconnectAsync(MqttClientDisconnectOptionsReason.NormalDisconnection).ConfigureAwait(false);
            return accepted;
        }
        catch (Exception exception)
        {
            if (exception is not OperationCanceledException) reason = Say(exception);
        }

        await ended.CancelAsync().ConfigureAwait(false);
        intake.NotConnected(reason);
        return accepted;
    }

    /// <summary>Of a failure to connect the outer exception says that, the innermost why.</summary>
    private static string Say(Exception exception) => exception.GetBaseException() is System.Net.Sockets.SocketException socket
        ? $"The connection failed: {char.ToLowerInvariant(socket.Message[0])}{socket.Message[1..].TrimEnd('.')}." : exception.GetBaseException().Message;

    /// <summary>In the order of the messages, each when the intake holds it.</summary>
    private async Task AcknowledgeAsync(
        IBrokerIntake intake, ChannelReader<(long Ticket, MqttApplicationMessageReceivedEventArgs Message)> unacknowledged, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        await foreach (var (ticket, message) in unacknowledged.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await intake.WhenDurableAsync(ticket).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            await message.AcknowledgeAsync(cancellationToken).ConfigureAwait(false);
            if (message.ApplicationMessage.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce) Interlocked.Increment(ref _acknowledged);
            room.Release();
        }
    }

    private async Task SubscribeAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        foreach (var filter in options.Filters)
        {
            var topic = new MqttTopicFilterBuilder().WithTopic(filter).WithQualityOfServiceLevel((MqttQualityOfServiceLevel)options.QoS);
            // A resumed session has the subscription; retained messages then need not come again.
            if (options.Version == "5") topic = topic.WithRetainHandling(MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly);
            var result = await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(topic).Build(), cancellationToken).ConfigureAwait(false);
            if (result.Items.FirstOrDefault() is { ResultCode: > MqttClientSubscribeResultCode.GrantedQoS2 } refused)
                throw new InvalidOperationException($"The broker refuses to be read from ({filter}: {refused.ResultCode}). Give the gateway's user the right to read it, or correct Broker:Topics.");
        }
    }

    private MqttClientOptions Settings()
    {
        var url = new Uri(options.Url!);
        var secure = url.Scheme is "mqtts" or "wss";
        var settings = new MqttClientOptionsBuilder()
            .WithProtocolVersion(options.Version == "5" ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithClientId(BridgeIdentity.Read(options))
            .WithCleanStart(false)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(options.KeepAliveSeconds));
        if (options.Version == "5") settings = settings.WithSessionExpiryInterval((uint)Math.Min(uint.MaxValue, options.SessionExpiry.TotalSeconds)).WithReceiveMaximum((ushort)options.ReceiveMaximum);
        settings = url.Scheme is "ws" or "wss"
            ? settings.WithWebSocketServer(o => o.WithUri(new UriBuilder(url) { UserName = "", Password = "" }.Uri.ToString()))
            : settings.WithTcpServer(url.Host, url.IsDefaultPort || url.Port <= 0 ? secure ? 8883 : 1883 : url.Port);
        var user = url.UserInfo.Split(':', 2);
        var (name, password) = (options.UserName ?? Uri.UnescapeDataString(user[0]), options.Password ?? (user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null));
        if (name.Length > 0) settings = settings.WithCredentials(name, password);
        return (secure ? settings.WithTlsOptions(Secure) : settings).Build();
    }

    private void Secure(MqttClientTlsOptionsBuilder tls)
    {
        tls.UseTls();
        if (options.CaFile is { } authorities)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authorities);
            tls.WithTrustChain(trusted);
        }

        if (options.ClientCertificateFile is { } certificate) tls.WithClientCertificates([X509Certificate2.CreateFromPemFile(certificate, options.ClientKeyFile ?? certificate)]);
    }
}
