namespace SmartCity.Orleans.Contract.Tests;

/// <summary>
/// What one grain and its test share: the grain notes what happens to it, the test waits for notes, holds the grain at gates and
/// scripts its failures. Lives as a service in the process, so that nothing of it travels in a call.
/// </summary>
public sealed class Scene(string key)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly Lock _lock = new();
    private readonly List<string> _notes = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<(string What, int Times, TaskCompletionSource Noted)> _waiting = [];
    private readonly Dictionary<string, TaskCompletionSource> _gates = [];
    private readonly HashSet<string> _held = [];
    private readonly Dictionary<string, Queue<Exception>> _faults = [];
    private bool _released;

    public string[] Notes
    {
        get
        {
            lock (_lock) return [.. _notes];
        }
    }

    public void Note(string what)
    {
        lock (_lock)
        {
            _notes.Add(what);
            var times = _counts[what] = _counts.GetValueOrDefault(what) + 1;
            foreach (var (_, _, noted) in _waiting.Where(w => w.What == what && w.Times <= times)) noted.TrySetResult();
            _waiting.RemoveAll(w => w.Noted.Task.IsCompleted);
        }
    }

    public int Count(string what)
    {
        lock (_lock) return _counts.GetValueOrDefault(what);
    }

    public bool Has(string what) => Count(what) > 0;

    /// <exception cref="TimeoutException">It was not noted that often; the message names it and what was noted instead.</exception>
    public async Task Noted(string what, int times = 1)
    {
        TaskCompletionSource noted;
        lock (_lock)
        {
            if (_counts.GetValueOrDefault(what) >= times) return;
            _waiting.Add((what, times, noted = new(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await noted.Task.WaitAsync(s_limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {s_limit.TotalSeconds} s for '{what}' ({times} times) of {key}; noted: {string.Join(", ", Notes)}.");
        }
    }

    /// <summary>Notes "name in", waits until the test opens the gate of that name, notes "name out".</summary>
    public async Task Act(string name)
    {
        Note($"{name} in");
        await Gate(name);
        Note($"{name} out");
    }

    /// <summary>Ends when the test opens the gate.</summary>
    public Task Gate(string name) => Source(name).Task;

    public void Open(string name) => Source(name).TrySetResult();

    /// <summary>Opens every gate for good, so that a test that failed leaves no grain behind that holds up the end of its silo.</summary>
    public void OpenAll()
    {
        lock (_lock)
        {
            _released = true;
            foreach (var gate in _gates.Values) gate.TrySetResult();
        }
    }

    /// <summary>Closes a hook's gate, which stands open otherwise.</summary>
    public void Hold(string hook)
    {
        lock (_lock) _held.Add(hook);
    }

    /// <summary>Ends at once, or at <see cref="Open"/> when the test holds the hook.</summary>
    public Task Pass(string hook)
    {
        lock (_lock) return _held.Contains(hook) ? Gate(hook) : Task.CompletedTask;
    }

    /// <summary>The next <see cref="ThrowIfScripted"/> of this name throws.</summary>
    public void Script(string hook, Exception exception)
    {
        lock (_lock)
        {
            if (!_faults.TryGetValue(hook, out var queue)) _faults[hook] = queue = [];
            queue.Enqueue(exception);
        }
    }

    public void ThrowIfScripted(string hook)
    {
        lock (_lock)
        {
            if (_faults.TryGetValue(hook, out var queue) && queue.TryDequeue(out var exception)) throw exception;
        }
    }

    private TaskCompletionSource Source(string name)
    {
        lock (_lock)
        {
            if (!_gates.TryGetValue(name, out var gate)) _gates[name] = gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_released) gate.TrySetResult();
            return gate;
        }
    }
}
