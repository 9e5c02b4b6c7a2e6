using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace SmartCity.Gateway;

/// <summary>The thread that makes records durable, and what it does while the disk refuses.</summary>
public sealed partial class IntakeLog
{
    private long _lastCommit;

    private IntakeBatch RentBatch(CancellationToken cancellationToken)
    {
        _freeBatches.Wait(cancellationToken);
        lock (_lock) return _free.Pop();
    }

    private void CommitLoop()
    {
        try
        {
            while (true)
            {
                _filled.Wait(_stopping.Token);
                // A free batch first: while the grains are behind there is none, records pile up in the filling one, and connections pause.
                var empty = RentBatch(_stopping.Token);
                AwaitCompany();
                _lastCommit = Stopwatch.GetTimestamp();
                IntakeBatch batch;
                lock (_lock)
                {
                    batch = _filling;
                    Volatile.Write(ref _filling, empty);
                    _signalled = false;
                    _space?.TrySetResult();
                    _space = null;
                }

                Commit(batch);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: what is not committed was not acknowledged.
        }
    }

    private void AwaitCompany()
    {
        var records = Records(out var bytes);
        if (!_pace.ShouldWait(bytes, Stopwatch.GetElapsedTime(_lastCommit))) return;
        Thread.Sleep(_options.CommitDelayMs);
        _pace.Waited(Records(out _) > records);
    }

    /// <summary>Records that the next commit holds by now.</summary>
    private int Records(out int bytes)
    {
        lock (_lock)
        {
            bytes = _filling.Length;
            return _filling.Count;
        }
    }

    private void Commit(IntakeBatch batch)
    {
        var started = Stopwatch.GetTimestamp();
        using var activity = s_activities.StartActivity("intake commit");
        activity?.SetTag("records", batch.Count);
        var frame = batch.Seal();
        var logged = 0L;
        while (true)
        {
            try
            {
                _segments.Write(batch.FirstSequence, frame);
                break;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (IsDiskFull(exception) && _segments.DeleteOldestKept()) continue; // there is room as long as something is only kept
                _failures.Add(1);
                if (!_isFailing || Stopwatch.GetElapsedTime(logged) > s_logPeriod)
                {
                    LogCommitFailed(exception, _options.Folder);
                    logged = Stopwatch.GetTimestamp();
                }

                _isFailing = true;
                if (_stopping.Token.WaitHandle.WaitOne(s_retryDelay)) throw new OperationCanceledException(_stopping.Token);
            }
        }

        if (_isFailing) LogCommitsAgain(_options.Folder);
        _isFailing = false;
        _commitSeconds.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        _records.Add(batch.Count);
        _bytes.Add(batch.Length);
        var last = batch.LastSequence;
        lock (_lock) _committed.Enqueue(batch);
        _committedCount.Release();
        Volatile.Write(ref _durable, last);
        _waiters.Release(last);
        UpdateFullness();
    }

    // When a new file's space cannot be allocated, .NET says so in words only: then what is free decides.
    private bool IsDiskFull(Exception exception) =>
        exception.HResult == IntakeSegments.DiskFull || (exception is IOException && IntakeSegments.FreeBytes(_options.Folder) < _options.SegmentBytes);

    private void UpdateFullness()
    {
        // Committing and trimming both come here: measuring and deciding must be one step, or a stale "full" would stay.
        lock (_lock)
        {
            var full = _segments.BytesToStore > _options.MaxBytes;
            if (full == _isFull) return;
            _isFull = full;
            if (full)
            {
                LogFull(_options.MaxBytes);
                return;
            }

            _space?.TrySetResult();
            _space = null;
        }
    }
}
