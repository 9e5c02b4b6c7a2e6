using System.Diagnostics;

namespace Orleans.Runtime;

/// <summary>
/// A grain in memory: its instance, its place in a shard and the calls that wait for it. It is the synchronisation context of its own turns,
/// so that the rest of an awaiting method comes back to the grain's shard. All members but <see cref="Post"/> belong to the shard's thread.
/// </summary>
internal sealed class Activation(GrainTypeRuntime type, string key, Shard shard) : SynchronizationContext
{
    private static readonly ActivitySource s_activities = new("Orleans.Embedded");

    [ThreadStatic]
    private static Activation? t_beingCreated;

    private Grain? _instance;
    private GrainCallBase? _lastWaiting; // of a ring: its Next is the first
    private GrainReference? _reference;
    private State _state;

    private enum State : byte
    {
        New,
        Activating,
        Idle,
        Busy,
        Dead,
    }

    public static Activation? BeingCreated => t_beingCreated;

    public GrainTypeRuntime Type { get; } = type;

    public string Key { get; } = key;

    public Shard Shard { get; } = shard;

    /// <summary>The one reference to this activation; references hold nothing of their own, so all callers may share it.</summary>
    public GrainReference Reference => Volatile.Read(ref _reference) ?? (_reference = Type.CreateReference(this));

    public bool IsDead => _state == State.Dead;

    public override SynchronizationContext CreateCopy() => this;

    public override void Post(SendOrPostCallback d, object? state) => Shard.Enqueue(new Continuation(this, d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("A grain's turn cannot be entered synchronously; await instead.");

    /// <summary>Runs a call that reached the head of the shard's queue, or lets it wait its turn.</summary>
    public void Execute(GrainCallBase call)
    {
        switch (_state)
        {
            case State.Idle:
                Run(call);
                break;
            case State.New:
                Wait(call);
                Activate();
                break;
            case State.Dead:
                call.Redirect(Type.GetOrCreate(Key));
                break;
            default:
                Wait(call);
                break;
        }
    }

    /// <summary>A call that had suspended has ended.</summary>
    public void OnCallEnded()
    {
        _state = State.Idle;
        RunWaiting();
    }

    private void Run(GrainCallBase call)
    {
        if (Current != this) SetSynchronizationContext(this);
        if (!call.Invoke(_instance!)) _state = State.Busy;
    }

    private void RunWaiting()
    {
        while (_state == State.Idle && TakeWaiting() is { } call) Run(call);
    }

    private void Wait(GrainCallBase call)
    {
        if (_lastWaiting is null)
        {
            call.Next = call;
        }
        else
        {
            call.Next = _lastWaiting.Next;
            _lastWaiting.Next = call;
        }

        _lastWaiting = call;
    }

    private GrainCallBase? TakeWaiting()
    {
        if (_lastWaiting is null) return null;
        var first = (GrainCallBase)_lastWaiting.Next!;
        if (ReferenceEquals(first, _lastWaiting)) _lastWaiting = null;
        else _lastWaiting.Next = first.Next;
        first.Next = null;
        return first;
    }

    private void Activate()
    {
        _state = State.Activating;
        SetSynchronizationContext(this);
        Task activated;
        using var activity = s_activities.StartActivity("activate grain");
        activity?.SetTag("grain", Type.Name).SetTag("key", Key);
        t_beingCreated = this;
        try
        {
            _instance = Type.CreateInstance();
            activated = _instance.OnActivateAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            activated = Task.FromException(exception);
        }
        finally
        {
            t_beingCreated = null;
        }

        if (activated.IsCompleted) OnActivated(activated);
        else activated.ContinueWith(static (task, state) => ((Activation)state!).PostActivated(task), this, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void PostActivated(Task activated) => Post(static state =>
    {
        var (activation, task) = ((Activation, Task))state!;
        activation.OnActivated(task);
    }, (this, activated));

    private void OnActivated(Task activated)
    {
        if (activated.IsCompletedSuccessfully)
        {
            _state = State.Idle;
            Type.OnActivated();
            RunWaiting();
            return;
        }

        var exception = activated.Exception?.InnerException ?? new TaskCanceledException(activated);
        _state = State.Dead;
        Type.Remove(this);
        while (TakeWaiting() is { } call) call.Fail(exception);
    }
}
