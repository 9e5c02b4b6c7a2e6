using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace SmartCity.Mqtt;

/// <summary>
/// One network connection on the broker's side: a read loop that parses, answers and accepts; an <see cref="AckPump"/> that acknowledges when the
/// application says durable; and, once there is something to deliver, a task that sends messages. Whatever goes wrong here ends this connection only.
/// </summary>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "The cancellation source has no timer; disposing it would race with a Close from another connection's thread.")]
internal sealed partial class MqttConnection
{
    private readonly MqttBroker _broker;
    private readonly ConnectionContext _context;
    private readonly PipeReader _input;
    private readonly PacketOutput _output;
    private readonly ReplyBuffer _replies = new();
    private readonly ReplyBuffer _held = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AsyncSignal _deliveries = new();
    private MqttProtocolVersion _version;
    private ConnectPacket? _connect;
    private MqttWill? _will;
    private AckPump? _acks;
    private PublishWriter? _writer;
    private Task? _sender;
    private TokenBucket? _rate;
    private MqttSession? _congested;
    private bool _isPending;
    private long _heldFor;
    private long _waitingSince;
    private long _closedAt;
    private int _closing;

    public MqttConnection(MqttBroker broker, ConnectionContext context, PeerAddress? address)
    {
        Address = address;
        _isPending = address is not null;
        _broker = broker;
        _context = context;
        _input = context.Transport.Input;
        _output = new(context.Transport.Output, broker.Time);
        AcceptedAt = broker.Time.GetTimestamp();
    }

    /// <summary>Time stamp of the accept.</summary>
    public long AcceptedAt { get; }

    /// <summary>The peer's address with its counts; null when it has none.</summary>
    public PeerAddress? Address { get; }

    /// <summary>Null before CONNECT was accepted.</summary>
    public MqttConnectionInfo? Info { get; private set; }

    public MqttSession? Session { get; private set; }

    /// <summary>Ends when the connection no longer touches its session.</summary>
    public Task Completion => _completion.Task;

    private bool IsClosing => Volatile.Read(ref _closing) != 0;

    private string Name => Info?.ClientId ?? _connect?.ClientId ?? "(no CONNECT yet)";

    /// <summary>Runs the connection to its end. Throws nothing.</summary>
    public async Task RunAsync()
    {
        var lifetime = _context.Features.Get<IConnectionLifetimeNotificationFeature>();
        using var stopping = lifetime?.ConnectionClosedRequested.Register(
            static self => ((MqttConnection)self!).Close(MqttReasonCode.ServerShuttingDown, "The server is shutting down."), this);
        try
        {
            if (await ConnectAsync().ConfigureAwait(false)) await ReadLoopAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException or ConnectionAbortedException or IOException)
        {
            // The peer went away, or we did; the finally block does what is left.
        }
        catch (Exception e)
        {
            _broker.Log.ConnectionFailed(e, Name, _context.RemoteEndPoint);
            Close(MqttReasonCode.UnspecifiedError, "Internal error.");
        }
        finally
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection from our side: v5 clients get a DISCONNECT with the reason. Returns at once; may be called from any thread, more than once.</summary>
    public void Close(MqttReasonCode reason, string why)
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0) return;
        Volatile.Write(ref _closedAt, Math.Max(1, _broker.Time.GetTimestamp()));
        if (Info is not null)
        {
            _broker.Log.ConnectionClosed(Name, reason, why);
            if (_version == MqttProtocolVersion.V500) SendDisconnect(reason, why);
        }

        // A peer that does not read would keep our bytes, and so the connection, for ever.
        var stalled = _output.StalledFor > TimeSpan.Zero;
        _output.Close();
        _ = _stop.CancelAsync();
        _input.CancelPendingRead();
        if (stalled) _context.Abort(new ConnectionAbortedException(why));
    }

    /// <summary>Closes after a violation: logged, counted, and nobody else's business.</summary>
    private void Close(MqttViolation violation)
    {
        _broker.Metrics.Violate(violation.ReasonCode);
        _broker.Log.Violation(Name, _context.RemoteEndPoint, violation);
        Close(violation.ReasonCode, violation.Message);
    }

    /// <summary>Called about once a second: enforces what depends on time.</summary>
    public void CheckTime()
    {
        var time = _broker.Time;
        var limits = _broker.Limits;
        if (Volatile.Read(ref _closedAt) is var closedAt and not 0)
        {
            if (time.GetElapsedTime(closedAt) <= limits.CloseTimeout) return;
            _context.Abort();
            if (_completion.Task.IsCompleted) _broker.Unregister(this);
            return;
        }

        if (Info is null)
        {
            if (time.GetElapsedTime(AcceptedAt) > limits.ConnectTimeout)
            {
                _broker.Metrics.Refuse(MqttReasonCode.MaximumConnectTime);
                _broker.Log.Refused(Name, _context.RemoteEndPoint, MqttReasonCode.MaximumConnectTime, $"No complete CONNECT within {limits.ConnectTimeout.TotalSeconds} s ({nameof(MqttLimits.ConnectTimeout)}).");
                Close(MqttReasonCode.MaximumConnectTime, "No complete CONNECT in time.");
            }

            return;
        }

        // While the loop processes or is held back, silence is ours, not the client's: then the time stamp is 0.
        var waitingSince = Volatile.Read(ref _waitingSince);
        if (KeepAlive is var keepAlive and > 0 && waitingSince != 0 && time.GetElapsedTime(waitingSince) > TimeSpan.FromSeconds(keepAlive * 1.5))
        {
            Close(MqttReasonCode.KeepAliveTimeout, $"Nothing received for 1.5 times the keep-alive of {keepAlive} s.");
        }

        if (Info.Identity?.ExpiresAt <= time.GetUtcNow()) Close(MqttReasonCode.MaximumConnectTime, "What the client connected with has expired; connect again with a new one.");
        if (_output.StalledFor > limits.WriteStallTimeout) Close(MqttReasonCode.QuotaExceeded, "The client does not read.");
    }

    /// <summary>Tells the sending task that the session's queue has something.</summary>
    public void WakeSender() => _deliveries.Set();

    private int KeepAlive { get; set; }

    private async Task ReadLoopAsync()
    {
        var handler = _broker.Handler;
        var answered = true;
        while (!IsClosing)
        {
            // Only whole packets count as a sign of life: a byte now and then does not keep a connection.
            if (answered) Volatile.Write(ref _waitingSince, Math.Max(1, _broker.Time.GetTimestamp()));
            var result = await _input.ReadAsync().ConfigureAwait(false);
            if (result.IsCanceled || IsClosing) return;
            var step = ProcessBatch(result.Buffer, out var consumed, out var examined, out var packets);
            _input.AdvanceTo(consumed, examined);
            answered = packets > 0;
            SendReplies();
            _acks!.Start(OnDurabilityFailed, _stop.Token);
            if (_held.Length > 0) await SendHeldAsync().ConfigureAwait(false);
            SendRetained();
            if (step == Step.Close || (result.IsCompleted && step == Step.NeedMore)) return;
            if (!answered && step == Step.NeedMore) continue;
            var pause = HoldBackAsync(handler, step);
            if (pause.IsCompletedSuccessfully) continue;
            Volatile.Write(ref _waitingSince, 0);
            answered = true;
            _broker.Metrics.PausedRead();
            await pause.ConfigureAwait(false);
        }
    }

    /// <summary>Back-pressure: waits for the application, for room for acknowledgements, for a peer that does not read, for subscribers and for tokens.</summary>
    private ValueTask HoldBackAsync(IPublishHandler handler, Step step)
    {
        var ready = handler.WhenReadyAsync(_stop.Token);
        var space = step == Step.AcksFull ? _acks!.WhenSpaceAsync() : default;
        var drained = _output.WhenDrainedAsync(PacketOutput.Reader);
        var relieved = _congested is { } subscriber ? subscriber.WhenRelievedAsync(_broker.Time, _stop.Token) : default;
        _congested = null;
        var tokens = step == Step.Throttled ? WhenTokenAsync() : default;
        var kept = _broker.Journal?.WhenReadyAsync(_stop.Token) ?? default;
        return ready.IsCompletedSuccessfully && space.IsCompletedSuccessfully && drained.IsCompletedSuccessfully && relieved.IsCompletedSuccessfully
            && tokens.IsCompletedSuccessfully && kept.IsCompletedSuccessfully
            ? default
            : Slow(ready, space, drained, relieved, tokens, kept);

        static async ValueTask Slow(ValueTask ready, ValueTask space, ValueTask drained, ValueTask relieved, ValueTask tokens, ValueTask kept)
        {
            await ready.ConfigureAwait(false);
            await space.ConfigureAwait(false);
            await drained.ConfigureAwait(false);
            await relieved.ConfigureAwait(false);
            await tokens.ConfigureAwait(false);
            await kept.ConfigureAwait(false);
        }
    }

    private ValueTask WhenTokenAsync()
    {
        _broker.Metrics.Throttled();
        return new(Task.Delay(_rate!.UntilNext, _broker.Time, _stop.Token));
    }

    private void SendReplies()
    {
        if (_replies.Length == 0) return;
        _output.Write(_replies.Written);
        _replies.Clear();
        _output.Flush();
    }

    /// <summary>Where a reply goes that may leave only when the session journal holds a ticket; 0 for one that need not wait.</summary>
    private ReplyBuffer RepliesAfter(long ticket)
    {
        // Once one waits, those behind it do: PUBRELs and PUBCOMPs keep their order (MQTT-4.6.0-3, MQTT-4.6.0-4).
        if (ticket == 0 && _held.Length == 0) return _replies;
        _heldFor = Math.Max(_heldFor, ticket);
        return _held;
    }

    private async ValueTask SendHeldAsync()
    {
        await _broker.Journal!.WhenDurableAsync(_heldFor).ConfigureAwait(false);
        _output.Write(_held.Written);
        _held.Clear();
        _output.Flush();
    }

    private void SendDisconnect(MqttReasonCode reason, string why)
    {
        var packet = new DisconnectPacket(reason);
        if (MayExplain) packet = packet with { Properties = new() { ReasonString = why } };
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        packet.Write(buffer, _version);
        if (buffer.WrittenCount > ClientMaxPacketSize)
        {
            buffer.Clear();
            new DisconnectPacket(reason).Write(buffer, _version);
        }

        if (_output.Write(buffer.WrittenSpan)) _output.Flush();
    }

    private bool MayExplain => _connect?.Properties?.RequestProblemInformation != false;

    private long ClientMaxPacketSize => _connect?.Properties?.MaximumPacketSize ?? long.MaxValue;

    private void OnDurabilityFailed(Exception e)
    {
        _broker.Log.DurabilityFailed(e, Name);
        Close(MqttReasonCode.ImplementationSpecificError, "The message could not be made durable.");
    }

    private void StartSender()
    {
        _sender ??= SendLoopAsync();
        _deliveries.Set();
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (!IsClosing)
            {
                await _deliveries.WaitAsync().ConfigureAwait(false);
                while (!IsClosing)
                {
                    if (Session!.Send(this, _output, _writer!))
                    {
                        _output.Flush();
                        await _output.WhenDrainedAsync(PacketOutput.Sender).ConfigureAwait(false);
                    }
                    else if (Session.AwaitedTicket is > 0 and var ticket)
                    {
                        await _broker.Journal!.WhenDurableAsync(ticket).AsTask().WaitAsync(_stop.Token).ConfigureAwait(false);
                    }
                    else break;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The connection ends.
        }
        catch (Exception e)
        {
            _broker.Log.ConnectionFailed(e, Name, _context.RemoteEndPoint);
            Close(MqttReasonCode.UnspecifiedError, "Internal error.");
        }
    }

    /// <summary>The address has one connection less that has not finished CONNECT.</summary>
    private void EndPending()
    {
        if (!_isPending) return;
        _isPending = false;
        Address!.EndPending();
    }

    private async Task EndAsync()
    {
        EndPending();
        Interlocked.Exchange(ref _closing, 1);
        if (Volatile.Read(ref _closedAt) == 0) Volatile.Write(ref _closedAt, Math.Max(1, _broker.Time.GetTimestamp()));
        _output.Close();
        _replies.Clear();
        _held.Clear();
        _deliveries.Close();
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_acks is not null) await _acks.StopAsync().ConfigureAwait(false);
        if (_sender is not null) await _sender.ConfigureAwait(false);
        if (Session is not null)
        {
            _broker.Detach(this, Session, SessionExpiry, _will is null ? null : new(_will, Info!));
            _broker.Metrics.Closed();
        }

        _completion.TrySetResult();
        await _input.CompleteAsync().ConfigureAwait(false);
        await _context.Transport.Output.CompleteAsync().ConfigureAwait(false);

        // Until the last bytes are out, CheckTime watches over a peer that does not take them.
        _context.ConnectionClosed.UnsafeRegister(static self => ((MqttConnection)self!)._broker.Unregister((MqttConnection)self), this);
    }

    /// <summary>How a batch ended.</summary>
    private enum Step
    {
        NeedMore,
        AcksFull,
        Throttled,
        Close,
    }
}
