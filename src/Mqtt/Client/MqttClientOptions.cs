using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt;

/// <summary>How a client connects.</summary>
public sealed record MqttClientOptions
{
    /// <summary>Name or address, IPv4 or IPv6; all addresses of a name are tried.</summary>
    public string Host { get; init; } = "localhost";

    public int Port { get; init; } = 1883;

    public MqttClientTransport Transport { get; init; }

    /// <summary>
    /// Address of this machine that the connection comes from; null: the system chooses. One address has a port for about 28,000 connections to the same
    /// server, so who opens more needs several.
    /// </summary>
    public System.Net.IPAddress? LocalAddress { get; init; }

    /// <summary>Path and query of a WebSocket.</summary>
    public string Path { get; init; } = "/mqtt";

    /// <summary>PEM file of the authorities that may sign the server's certificate; null: those of the system. The host's name is checked either way.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of the client's certificate, with those between it and its authority; null: none is offered.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file of its private key, without a pass phrase; null: it is in <see cref="ClientCertificateFile"/>.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>Empty: the server assigns one.</summary>
    public string ClientId { get; init; } = "";

    public MqttProtocolVersion Version { get; init; } = MqttProtocolVersion.V500;

    /// <summary>False: the server goes on with the session that it has. Together with <see cref="Reconnect"/>, what is under way survives a lost connection.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>v5: how long the session outlives the connection; whole seconds.</summary>
    public TimeSpan SessionExpiry { get; init; }

    /// <summary>Whole seconds, at most 65535; zero switches it off. The client pings twice in this time and gives up when an answer is missing.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    public string? UserName { get; init; }

    public string? Password { get; init; }

    public MqttWill? Will { get; init; }

    /// <summary>From the first SYN to CONNACK.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>QoS 1 and 2 messages without an acknowledgement, at most 32,767; a v5 server may lower it. Beyond: publishing waits.</summary>
    public int MaxInFlight { get; init; } = 64;

    /// <summary>Received messages that wait for their handler or its acknowledgement; the Receive Maximum that a v5 server is told. Beyond: the client stops reading.</summary>
    public int MaxReceived { get; init; } = 1024;

    /// <summary>Largest packet the client accepts, in bytes; announced to a v5 server.</summary>
    public int MaxPacketSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>Connect again after a lost connection and subscribe again. The delay is random between zero and a bound that doubles from
    /// <see cref="ReconnectMinDelay"/> to <see cref="ReconnectMaxDelay"/>. A client whose session another one takes over (0x8E) stays away.</summary>
    public bool Reconnect { get; init; }

    /// <summary>Try the first connect again too, until it succeeds or is cancelled.</summary>
    public bool RetryFirstConnect { get; init; }

    public TimeSpan ReconnectMinDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan ReconnectMaxDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Topic aliases that the server may use on one connection (v5); 0 for none. Each may hold 64 KiB.</summary>
    public ushort TopicAliasMaximum { get; init; } = 64;

    /// <summary>
    /// Gets everything that comes, on the read loop and as spans, instead of the handlers of subscriptions: nothing is allocated per message.
    /// Acknowledgements go out when <see cref="IPublishHandler.WhenDurableAsync"/> says so, in the order of the messages.
    /// </summary>
    public IPublishHandler? Receiver { get; init; }

    /// <summary>Gets what no subscription of this client matches: messages of a session that an earlier process left. Null: they are acknowledged and dropped.</summary>
    public Func<MqttMessage, CancellationToken, ValueTask>? Unmatched { get; init; }

    /// <summary>Called when the connection comes and goes; with the reason where there is one. Must not block.</summary>
    public Action<MqttConnectionState, Exception?>? OnConnectionChanged { get; init; }

    /// <summary>Called on the read loop for each acknowledgement of <see cref="MqttClient.SendAsync"/>. Must not block.</summary>
    public Action<MqttAcknowledgement>? OnAcknowledged { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger? Logger { get; init; }

    /// <summary>True when messages under way survive a lost connection.</summary>
    internal bool KeepsSession => Reconnect && !CleanStart;

    /// <summary>Takes transport, host, port, path, user name and password from <c>scheme://[user[:password]@]host[:port][/path]</c>; schemes as in
    /// <see cref="MqttClientTransport"/>.</summary>
    /// <exception cref="ArgumentException">Another scheme, or no host; the message has no password.</exception>
    public MqttClientOptions WithUrl(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return ClientUrl.Apply(this, url);
    }

    /// <summary>Where it connects to; a record's own text would have the password.</summary>
    public override string ToString() => $"{Transport} {Host}:{Port} as '{ClientId}'";
}
