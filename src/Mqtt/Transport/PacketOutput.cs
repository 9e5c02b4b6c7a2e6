using System.IO.Pipelines;

namespace SmartCity.Mqtt;

/// <summary>
/// The one way out of a connection. Several tasks write packets under <see cref="Gate"/>; flushes that overlap are merged into one,
/// so a flush costs the writers nothing while an earlier one waits for the peer.
/// </summary>
/// <param name="gate">A lock that guards more than the output; null for one of its own.</param>
internal sealed class PacketOutput(PipeWriter writer, TimeProvider time, Lock? gate = null)
{
    /// <summary>The read loop, as a waiter of <see cref="WhenDrainedAsync(int)"/>.</summary>
    public const int Reader = 0;

    /// <summary>The task that sends messages to a subscriber.</summary>
    public const int Sender = 1;

    private readonly AsyncSignal[] _drained = [new(), new()];
    private readonly bool[] _drainWanted = new bool[2];
    private TaskCompletionSource? _shared;
    private long _pendingSince;
    private bool _flushing;
    private bool _flushAgain;
    private bool _closed;

    /// <summary>To hold while writing to <see cref="Writer"/>.</summary>
    public Lock Gate { get; } = gate ?? new();

    /// <summary>The pipe; only under <see cref="Gate"/>, and only while <see cref="IsClosed"/> is false.</summary>
    public PipeWriter Writer { get; } = writer;

    /// <summary>True when nothing may be written any more.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>True while the peer leaves more bytes unread than the pipe holds.</summary>
    public bool IsStalled => Volatile.Read(ref _pendingSince) != 0;

    /// <summary>How long the peer has left bytes unread that fill the pipe; zero when it keeps up.</summary>
    public TimeSpan StalledFor
    {
        get
        {
            var since = Volatile.Read(ref _pendingSince);
            return since == 0 ? TimeSpan.Zero : time.GetElapsedTime(since);
        }
    }

    /// <summary>Appends ready-made packets. False when closed.</summary>
    public bool Write(ReadOnlySpan<byte> packets)
    {
        lock (Gate)
        {
            if (_closed) return false;
            packets.CopyTo(Writer.GetSpan(packets.Length));
            Writer.Advance(packets.Length);
            return true;
        }
    }

    /// <summary>Sends what is written. Returns at once; use <see cref="WhenDrainedAsync(int)"/> to wait for a slow peer.</summary>
    public void Flush()
    {
        lock (Gate)
        {
            if (_closed) return;
            if (_flushing)
            {
                _flushAgain = true;
                return;
            }

            var flush = Writer.FlushAsync();
            if (flush.IsCompletedSuccessfully)
            {
                if (flush.Result.IsCompleted) _closed = true;
                return;
            }

            _flushing = true;
            _pendingSince = Math.Max(1, time.GetTimestamp());
            _ = AwaitFlushAsync(flush);
        }
    }

    /// <summary>Completes when no flush waits for the peer. <paramref name="waiter"/> is <see cref="Reader"/> or <see cref="Sender"/>, each once at a time.</summary>
    public ValueTask WhenDrainedAsync(int waiter)
    {
        lock (Gate)
        {
            if (!_flushing || _closed) return default;
            _drainWanted[waiter] = true;
            return _drained[waiter].WaitAsync();
        }
    }

    /// <summary>For the client: a task to await when the peer is slow. Any number of callers may wait.</summary>
    public Task WhenDrainedAsync(out bool mustWait)
    {
        lock (Gate)
        {
            mustWait = _flushing && !_closed;
            return mustWait ? (_shared ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <summary>Ends writing and wakes the waiter. Does not complete the pipe, whose owner does that.</summary>
    public void Close()
    {
        lock (Gate)
        {
            _closed = true;
        }

        foreach (var signal in _drained) signal.Close();
        TaskCompletionSource? shared;
        lock (Gate) (shared, _shared) = (_shared, null);
        shared?.TrySetResult();
    }

    private async Task AwaitFlushAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            while (true)
            {
                var result = await flush.ConfigureAwait(false);
                lock (Gate)
                {
                    if (result.IsCompleted || result.IsCanceled) _closed = true;
                    if (!_flushAgain || _closed)
                    {
                        EndFlush();
                        return;
                    }

                    _flushAgain = false;
                    _pendingSince = Math.Max(1, time.GetTimestamp());
                    flush = Writer.FlushAsync();
                }
            }
        }
        catch (Exception)
        {
            // The connection broke while bytes were on their way; its read loop sees the same and reports it.
            lock (Gate)
            {
                _closed = true;
                EndFlush();
            }
        }
    }

    private void EndFlush()
    {
        _flushing = false;
        _pendingSince = 0;
        _shared?.TrySetResult();
        _shared = null;
        for (var i = 0; i < _drained.Length; i++)
        {
            if (!_drainWanted[i]) continue;
            _drainWanted[i] = false;
            _drained[i].Set();
        }
    }
}
