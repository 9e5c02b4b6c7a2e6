using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace SmartCity.Mqtt;

/// <summary>One network connection of a client, from CONNECT to its end. What was not acknowledged then has failed.</summary>
internal sealed partial class ClientConnection : IAsyncDisposable
{
    private const int EveryWaiter = 1 << 30;

    private readonly MqttClientOptions _options;
    private readonly ConnectionContext _context;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<MqttMessage> _received;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ushort, TaskCompletionSource<IReadOnlyList<MqttReasonCode>>> _requests = [];
    private readonly HashSet<ushort> _unreleased = [];
    private readonly Func<MqttMessage, CancellationToken, ValueTask> _dispatch;
    private PublishSlot[] _slots = [];
    private Stack<PublishSlot> _free = new();
    private SemaphoreSlim _window = new(0);
    private TaskCompletionSource? _allFree;
    private Exception? _failure;
    private ushort _lastRequestId;
    private bool _pingPending;
    private int _ending;

    private ClientConnection(MqttClientOptions options, ConnectionContext context, Func<MqttMessage, CancellationToken, ValueTask> dispatch)
    {
        _options = options;
        _context = context;
        _dispatch = dispatch;
        Output = new(context.Transport.Output, options.Time);
        _received = Channel.CreateBounded<MqttMessage>(new BoundedChannelOptions(options.MaxReceived) { SingleReader = true, SingleWriter = true });
    }

    public PacketOutput Output { get; }

    /// <summary>The server's CONNACK.</summary>
    public ConnAckPacket ConnAck { get; private set; } = new();

    /// <summary>Ends when the connection has ended and everything that waited for it has failed.</summary>
    public Task Ended => _ended.Task;

    public bool IsOpen => Volatile.Read(ref _ending) == 0;

    /// <summary>Why the connection ended.</summary>
    public Exception? Failure => _failure;

    private string Peer => $"{_options.Host}:{_options.Port}";

    /// <summary>Connects and completes the handshake.</summary>
    public static async Task<ClientConnection> OpenAsync(
        MqttClientOptions options, Func<MqttMessage, CancellationToken, ValueTask> dispatch, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ClientConnection? connection = null;
        try
        {
            connection = new(options, await ClientTransports.OpenAsync(options, both.Token).ConfigureAwait(false), dispatch);
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
    public bool TryPublish(in OutboundPublish publish, bool pipelined, bool flush, out ValueTask<MqttReasonCode> answer)
    {
        answer = default;
        if (Output.IsStalled || (publish.QoS > 0 && !_window.Wait(0, CancellationToken.None))) return false;
        answer = Write(publish, pipelined);
        if (flush) Output.Flush();
        return true;
    }

    /// <summary>Waits for the peer to read and for a place in the window, then writes a PUBLISH.</summary>
    public async ValueTask<ValueTask<MqttReasonCode>> PublishAsync(OutboundPublish publish, bool pipelined, CancellationToken cancellationToken)
    {
        // Who waits for room must not wait for bytes that are still unsent here.
        Output.Flush();
        await Output.WhenDrainedAsync(out _).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (publish.QoS > 0) await _window.WaitAsync(cancellationToken).ConfigureAwait(false);
        var answer = Write(publish, pipelined);
        Output.Flush();
        return answer;
    }

    /// <summary>Gives a place back.</summary>
    public void Free(PublishSlot slot)
    {
        lock (Output.Gate)
        {
            slot.Busy = false;
            Push(slot);
        }

        _window.Release();
    }

    /// <summary>Completes when no acknowledgement is missing.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Output.Flush();
        Task drained;
        lock (Output.Gate)
        {
            if (!IsOpen) throw Lost();
            if (_free.Count == _slots.Length) return;
            drained = (_allFree ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await drained.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!IsOpen) throw Lost();
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
                _lastRequestId = _lastRequestId < _slots.Length || _lastRequestId == ushort.MaxValue ? (ushort)(_slots.Length + 1) : (ushort)(_lastRequestId + 1);
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
        lock (Output.Gate)
        {
            if (!Output.IsClosed) new DisconnectPacket(reason).Write(Output.Writer, _options.Version);
        }

        Output.Flush();
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

    private ValueTask<MqttReasonCode> Write(in OutboundPublish publish, bool pipelined)
    {
        lock (Output.Gate)
        {
            if (!IsOpen || Output.IsClosed) throw Lost();
            var answer = default(ValueTask<MqttReasonCode>);
            ushort packetId = 0;
            if (publish.QoS > 0)
            {
                var slot = _free.Pop();
                packetId = slot.PacketId;
                slot.Busy = true;
                slot.Pipelined = pipelined;
                slot.SentAt = _options.Time.GetTimestamp();
                if (!pipelined) answer = slot.Begin();
            }

            PublishPacket.Write(
                Output.Writer, _options.Version, publish.Topic.Span, publish.Properties.Span, publish.Payload.Span, publish.QoS, publish.Retain, duplicate: false, packetId);
            return answer;
        }
    }

    /// <summary>Under the output's gate.</summary>
    private void Push(PublishSlot slot)
    {
        _free.Push(slot);
        if (_allFree is null || _free.Count < _slots.Length) return;
        _allFree.TrySetResult();
        _allFree = null;
    }

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
        _received.Writer.TryComplete();
        _context.Transport.Input.CancelPendingRead();
        List<PublishSlot> waiting;
        List<TaskCompletionSource<IReadOnlyList<MqttReasonCode>>> requests;
        lock (Output.Gate)
        {
            waiting = [.. _slots.Where(s => s.Busy)];
            foreach (var slot in waiting) slot.Busy = false;
            requests = [.. _requests.Values];
            _allFree?.TrySetResult();
        }

        // Whoever waits for a place comes through, and finds the connection ended.
        _window.Release(EveryWaiter);
        foreach (var slot in waiting.Where(s => !s.Pipelined)) slot.Fail(failure);
        foreach (var request in requests) request.TrySetException(failure);
        _ended.TrySetResult();
    }
}
