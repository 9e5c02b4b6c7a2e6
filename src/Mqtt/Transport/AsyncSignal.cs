using System.Threading.Tasks.Sources;

namespace SmartCity.Mqtt;

/// <summary>An auto-reset event for one waiter. Waiting allocates nothing. A closed signal lets every wait through.</summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private bool _set;
    private bool _waiting;
    private bool _closed;

    /// <summary>Wakes the waiter, or the next wait when there is none.</summary>
    public void Set()
    {
        lock (_gate)
        {
            if (!_waiting)
            {
                _set = true;
                return;
            }

            _waiting = false;
        }

        _core.SetResult(true);
    }

    /// <summary>Wakes the waiter and lets all later waits through.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        Set();
    }

    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_set || _closed)
            {
                _set = false;
                return default;
            }

            if (_waiting) throw new InvalidOperationException("The signal has a waiter already.");
            _core.Reset();
            _waiting = true;
            return new(this, _core.Version);
        }
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
