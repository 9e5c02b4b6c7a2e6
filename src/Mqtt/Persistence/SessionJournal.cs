using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt;

/// <summary>
/// Keeps sessions that outlive their connection, and retained messages, over a restart and a kill. Changes are appended in the order in which they
/// happen; one thread makes whatever came meanwhile durable at once. What others may rely on (an acknowledgement, a message that leaves) waits for its
/// ticket. When the file has grown to several times what is still true, the broker states that anew into a new file and the older ones go.
/// </summary>
internal sealed partial class SessionJournal : IDisposable
{
    /// <summary>Bytes waiting for the next commit at which publishers stop being read.</summary>
    private const int PauseBytes = 4 << 20;

    private const long CompactFromBytes = 64 << 20;
    private const int CompactFactor = 4;
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly MqttMetrics _metrics;
    private readonly JournalFiles _files;
    private readonly CommitWaiters _waiters = new();
    private readonly Lock _gate = new();
    private readonly QuietSemaphore _filled = new(0);
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _committer;
    private JournalBuffer _filling = new();
    private JournalBuffer _spare = new();
    private TaskCompletionSource? _space;
    private TaskCompletionSource? _rolled;
    private long _appended;
    private long _durable;
    private long _compactedBytes;
    private bool _deleteOlder;

    public SessionJournal(string folder, MqttMetrics metrics, ILogger logger)
    {
        (_folder, _metrics, _logger) = (folder, metrics, logger);
        _files = new(folder);
        Reset(_filling);
        Reset(_spare);
        _committer = new(CommitLoop) { IsBackground = true, Name = "mqtt sessions commit" };
    }

    /// <summary>Everything up to this ticket is on disk.</summary>
    public long Durable => Volatile.Read(ref _durable);

    /// <summary>Newest ticket given out.</summary>
    public long Appended => Volatile.Read(ref _appended);

    /// <summary>True when the file is worth stating anew.</summary>
    public bool WantsCompaction => _files.Offset > Math.Max(CompactFromBytes, CompactFactor * Volatile.Read(ref _compactedBytes));

    /// <summary>Reads what an earlier process left and begins a new file. The caller states what is still true, then calls <see cref="EndCompactionAsync"/>.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public RestoredState Open()
    {
        var state = new RestoredState();
        _files.Open(frame => state.Apply(frame.Span));
        _committer.Start();
        return state;
    }

    /// <summary>Completes when the ticket is on disk; also when the journal has been closed.</summary>
    public ValueTask WhenDurableAsync(long ticket) => ticket <= Durable ? default : _waiters.WaitAsync(ticket);

    /// <summary>Completes when publishers may go on: the back-pressure point.</summary>
    public ValueTask WhenReadyAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _filling).Length < PauseBytes) return default;
        lock (_gate)
        {
            if (_filling.Length < PauseBytes) return default;
            return new((_space ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Begins a new file; what is appended after this lies in it.</summary>
    public Task RollAsync()
    {
        lock (_gate)
        {
            _rolled ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            Signal();
            return _rolled.Task;
        }
    }

    /// <summary>All that is true has been stated since <see cref="RollAsync"/> or <see cref="Open"/>: the older files go when that is durable.</summary>
    public async Task EndCompactionAsync()
    {
        await WhenDurableAsync(Appended).ConfigureAwait(false);
        Volatile.Write(ref _compactedBytes, _files.Offset);
        lock (_gate)
        {
            _deleteOlder = true;
            Signal();
        }
    }

    /// <summary>Makes durable what was appended, and closes.</summary>
    public void Dispose()
    {
        if (_stopping.IsSet) return;
        _stopping.Set();
        _filled.Release();
        if (_committer.ThreadState != ThreadState.Unstarted) _committer.Join();
        _files.Dispose();
        _waiters.Release(long.MaxValue);
        _space?.TrySetResult();
        _rolled?.TrySetResult();
    }

    private static void Reset(JournalBuffer buffer)
    {
        buffer.Clear();
        for (var i = 0; i < JournalFiles.HeaderBytes; i++) buffer.Byte(0);
    }

    /// <summary>Under the gate.</summary>
    private long Added()
    {
        Signal();
        return ++_appended;
    }

    private void Signal()
    {
        if (_filled.Count == 0) _filled.Release();
    }

    private void CommitLoop()
    {
        while (true)
        {
            _filled.Wait(CancellationToken.None);
            var last = _stopping.IsSet;
            JournalBuffer full;
            TaskCompletionSource? rolled;
            bool delete;
            long ticket;
            lock (_gate)
            {
                (full, _filling, _spare) = (_filling, _spare, _filling);
                (rolled, _rolled) = (_rolled, null);
                (delete, _deleteOlder) = (_deleteOlder, false);
                ticket = _appended;
                _space?.TrySetResult();
                _space = null;
            }

            if (full.Length > JournalFiles.HeaderBytes && !Try(() => _files.Write(full))) return;
            Reset(full);
            Volatile.Write(ref _durable, ticket);
            _waiters.Release(ticket);
            if (rolled is not null)
            {
                if (!Try(_files.Roll)) return;
                rolled.TrySetResult();
            }

            if (delete && !Try(_files.DeleteOlder)) return;
            if (last) return;
        }
    }

    /// <summary>Tries until it works; false when the journal is closed meanwhile.</summary>
    private bool Try(Action action)
    {
        while (true)
        {
            try
            {
                action();
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _metrics.JournalFailed();
                _logger.JournalFailed(exception, _folder);
                if (_stopping.Wait(s_retryDelay)) return false;
            }
        }
    }
}
