using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace SmartCity.Mqtt;

/// <summary>One network connection of a client, from CONNECT to its end.</summary>
internal sealed partial class ClientConnection : IAsyncDisposable
{
    private readonly MqttClientOptions _options;
    private readonly ClientSession _session;
    private readonly ConnectionContext _context;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ushort, TaskCompletionSource<IReadOnlyList<MqttReasonCode>>> _requests = [];
    private readonly IPublishHandler _receiver;
    private readonly ClientDeliveries? _deliveries;
    private readonly AckPump _acks;
    private Exception? _failure;
    private ushort _lastRequestId;
    private bool _pingPending;
    private bool _readingPaused;
    private bool _resent; // touched at the start and on the read loop only
    private int _ending;

    private ClientConnection(MqttClientOptions options, ClientSession session, ConnectionContext context, Func<MqttDelivery, CancellationToken, ValueTask> dispatch)
    {
        _options = options;
        _session = session;
        _context = context;
        Output = new(context.Transport.Output, options.Time, session.Window.Gate);
        if (options.Receiver is null) _deliveries = new(session, this, options.MaxReceived, dispatch);
        _receiver = options.Receiver ?? _deliveries!;
        _acks = new(_receiver, null, Output, null, options.Version, Held(options), session.CountAcknowledgements);
        Limits = new(options.Version, null);
    }

    public PacketOutput Output { get; }

    public MqttProtocolVersion Version => _options.Version;

    /// <summary>Room for QoS 1 and 2 messages; filled by the window.</summary>
    public SemaphoreSlim Places { get; } = new(0);

    /// <summary>What the server takes.</summary>
    public ServerLimits Limits { get; private set; }

    /// <summary>The server's CONNACK.</summary>
    public ConnAckPacket ConnAck { get; private set; } = new();

    /// <summary>Ends when the connection has ended.</summary>
    public Task Ended => _ended.Task;

    public bool IsOpen => Volatile.Read(ref _ending) == 0;

    /// <summary>Why the connection ended.</summary>
    public Exception? Failure => _failure;

    private string Peer => $"{_options.Host}:{_options.Port}";

    /// <summary>Connects and completes the handshake.</summary>
    public static async Task<ClientConnection> OpenAsync(
        MqttClientOptions options, ClientSession session, Func<MqttDelivery, CancellationToken, ValueTask> dispatch, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ClientConnection? connection = null;
        try
        {
            connection = new(options, session, await ClientTransports.OpenAsync(options, both.Token).ConfigureAwait(false), dispatch);
            await connection.HandshakeAsync(both.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw e switch
            {
                MqttConnectException => e,
                OperationCanceledException => new MqttConnectException(
                    $"The MQTT broker at {options.Host}:{options.Port} did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s.", e),
                SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new MqttConnectException(
                    $"Nothing listens at {options.Host}:{options.Port}: connection refused. Start the MQTT broker, or correct the address.", e),
                SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => new MqttConnectException(
                    $"The host name {options.Host} cannot be resolved.", e),
                _ => new MqttConnectException($"Cannot connect to the MQTT broker at {options.Host}:{options.Port}: {e.Message}", e),
            };
        }
    }

    /// <summary>Writes a PUBLISH if the window has a place and the peer keeps up with reading; synchronous, and allocates nothing.</summary>
    /// <param name="answer">The acknowledgement of QoS 1 and 2, unless pipelined.</param>
    /// <returns>False when nothing was written: use <see cref="PublishAsync"/>.</returns>
    /// <exception cref="MqttConnectionLostException">The connection has ended; nothing was written.</exception>
    public bool TryPublish(in OutboundPublish publish, bool pipelined, bool flush, out ValueTask<MqttReasonCode> answer)
    {
        answer = default;
        if (Limits.Refuse(publish) is { } refusal) throw new MqttProtocolException(refusal);
        if (Output.IsStalled || (publish.QoS > 0 && !Places.Wait(0, CancellationToken.None))) return false;
        answer = Write(publish, pipelined);
        if (flush) Output.Flush();
        return true;
    }

    /// <summary>Waits for the peer to read and for a place in the window, then writes a PUBLISH.</summary>
    /// <exception cref="MqttConnectionLostException">The connection has ended; nothing was written.</exception>
    public async ValueTask<ValueTask<MqttReasonCode>> PublishAsync(OutboundPublish publish, bool pipelined, CancellationToken cancellationToken)
    {
        // Who waits for room must not wait for bytes that are still unsent here.
        Output.Flush();
        await Output.WhenDrainedAsync(out _).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (publish.QoS > 0) await Places.WaitAsync(cancellationToken).ConfigureAwait(false);
        var answer = Write(publish, pipelined);
        Output.Flush();
        return answer;
    }

    /// <summary>Writes a message of an earlier connection; under the gate, flushed by the caller.</summary>
    public void WriteAgain(PublishSlot slot, bool duplicate)
    {
        _resent = true;
        Write(slot.Publish, duplicate, slot.PacketId);
    }

    /// <summary>Sends SUBSCRIBE or UNSUBSCRIBE and answers the reason codes of its acknowledgement.</summary>
    public async Task<IReadOnlyList<MqttReasonCode>> RequestAsync(Action<IBufferWriter<byte>, ushort> write, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<IReadOnlyList<MqttReasonCode>>(TaskCreationOptions.RunContinuationsAsynchronously);
        ushort id;
        lock (Output.Gate)
        {
            if (!IsOpen || Output.IsClosed) throw Lost();

            // The window uses the identifiers from 1 on; requests use those above it.
            do
            {
                var first = _session.Window.Capacity + 1;
                _lastRequestId = _lastRequestId < first || _lastRequestId == ushort.MaxValue ? (ushort)first : (ushort)(_lastRequestId + 1);
            }
            while (_requests.ContainsKey(_lastRequestId));

            id = _lastRequestId;
            _requests.Add(id, answer);
            write(Output.Writer, id);
        }

        Output.Flush();
        try
        {
            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (Output.Gate) _requests.Remove(id);
        }
    }

    /// <summary>Says goodbye and closes.</summary>
    public async Task CloseAsync(MqttReasonCode reason)
    {
        SendDisconnect(reason);
        End(new MqttConnectionLostException($"The client disconnected from {Peer}."));
        await DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        End(new MqttConnectionLostException($"The connection to {Peer} was closed."));
        await _context.Transport.Input.CompleteAsync().ConfigureAwait(false);
        await _context.Transport.Output.CompleteAsync().ConfigureAwait(false);

        // Disposing waits for the last bytes to be taken by the peer; a peer that does not must not hold us.
        var disposal = _context.DisposeAsync().AsTask();
        if (await Task.WhenAny(disposal, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false) != disposal) _context.Abort();
        await disposal.ConfigureAwait(false);
    }

    /// <summary>
    /// Messages without an acknowledgement at which we stop reading. A v5 server should keep to the Receive Maximum by itself (MQTT-3.3.4-9), and what else
    /// it sends must be read meanwhile. mosquitto 2.0 sends more when a session comes back. Leaving it (0x93) would be for ever: it sends the same again.
    /// </summary>
    private static int Held(MqttClientOptions options) => options.Version == MqttProtocolVersion.V500 ? (int)Math.Min(options.MaxReceived * 2L, int.MaxValue) : options.MaxReceived;

    private void SendDisconnect(MqttReasonCode reason)
    {
        lock (Output.Gate)
        {
            if (!Output.IsClosed) new DisconnectPacket(reason).Write(Output.Writer, _options.Version);
        }

        Output.Flush();
    }

    private ValueTask<MqttReasonCode> Write(in OutboundPublish publish, bool pipelined)
    {
        lock (Output.Gate)
        {
            if (!IsOpen || Output.IsClosed) throw Lost();
            var answer = default(ValueTask<MqttReasonCode>);
            var packetId = publish.QoS > 0 ? _session.Window.Take(publish, pipelined, out answer).PacketId : (ushort)0;
            Write(publish, duplicate: false, packetId);
            return answer;
        }
    }

    private void Write(in OutboundPublish publish, bool duplicate, ushort packetId) => PublishPacket.Write(
        Output.Writer, _options.Version, publish.Topic.Span, publish.Properties.Span, publish.Payload.Span, publish.QoS, publish.Retain, duplicate, packetId);

    private MqttConnectionLostException Lost()
    {
        var failure = _failure as MqttConnectionLostException;
        return new(failure?.Message ?? $"The connection to {Peer} is lost.", _failure!) { ReasonCode = failure?.ReasonCode };
    }

    private void End(Exception failure)
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0) return;
        _failure = failure;
        Output.Close();
        _ = _stop.CancelAsync();
        _deliveries?.Close();
        _ = _acks.StopAsync();
        _context.Transport.Input.CancelPendingRead();
        _session.Window.Detach(this, failure);
        List<TaskCompletionSource<IReadOnlyList<MqttReasonCode>>> requests;
        lock (Output.Gate) requests = [.. _requests.Values];
        foreach (var request in requests) request.TrySetException(failure);
        _ended.TrySetResult();
    }
}
