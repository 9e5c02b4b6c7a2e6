using System.Diagnostics;

namespace Orleans.Runtime;

/// <summary>
/// A grain in memory: its instance, its place in a shard and the calls that wait for it. It is the synchronisation context of its own turns,
/// so that the rest of an awaiting method comes back to the grain's shard. Members that say nothing else belong to the shard's thread.
/// A million of these exist at once, so what few grains need is in <see cref="ActivationExtras"/>.
/// </summary>
internal sealed partial class Activation(GrainTypeRuntime type, string key, Shard shard) : GrainContext
{
    private const int TurnsAtOnce = 64; // then others of the shard have theirs
    private const int SampleMask = 63;

    [ThreadStatic]
    private static Activation? t_beingCreated;

    [ThreadStatic]
    private static int t_turns;

    private Grain? _instance;
    private CallQueue _waiting;
    private GrainCallBase? _suspended; // head of the list of suspended calls
    private GrainCallBase? _primary; // the suspended call whose context is this object
    private GrainReference? _reference;
    private ActivationExtras? _extras;
    private int _suspendedCount;
    private int _lastUsed; // tenths of a second of the runtime's clock
    private State _state;

    private enum State : byte
    {
        New,
        Activating,
        Active,
        Closing, // deactivates as soon as the suspended calls have ended
        Deactivating,
        Dead,
    }

    public static Activation? BeingCreated => t_beingCreated;

    public GrainTypeRuntime Type { get; } = type;

    public string Key { get; } = key;

    public Shard Shard { get; } = shard;

    public override Activation Grain => this;

    public override GrainCallBase? Call => _primary;

    /// <summary>The one reference to this activation; references hold nothing of their own, so all callers may share it. Any thread.</summary>
    public GrainReference Reference => _extras?.Anchor is { } anchor ? anchor.Reference : Volatile.Read(ref _reference) ?? (_reference = Type.CreateReference(this));

    /// <summary>Any thread.</summary>
    public bool IsDead => _state == State.Dead;

    /// <summary>The workers behind a key of a stateless worker: this object then only stands for them. Any thread.</summary>
    public WorkerSet? Workers => _extras?.Workers;

    /// <summary>Place in the shard's list of busy grains, counted from 1; 0 when it is not there.</summary>
    public int BusyPlace { get; set; }

    /// <summary>Calls that wait or are suspended. Any thread; a moment old.</summary>
    public int Depth => _waiting.Count + _suspendedCount;

    public ActivationExtras Extras => _extras ??= new();

    private bool MayInterleave => Type.MayInterleave || _extras is { Sections.Count: > 0 };

    private bool IsIdle => _suspendedCount == 0 && _waiting.Count == 0;

    public override string ToString() => $"{Type.Name}/{Key}";

    /// <summary>Runs a call that reached the head of the shard's queue, or lets it wait its turn.</summary>
    public void Execute(GrainCallBase call)
    {
        if (!call.IsBackground) _lastUsed = Type.Runtime.NowTenths;
        switch (_state)
        {
            // Those that wait go on later when there were many of them, and no later call of their caller may overtake them.
            case State.Active when MayRun(call) && (_waiting.Count == 0 || _suspendedCount > 0):
                Run(call);
                break;
            case State.New:
                Wait(call);
                Activate();
                break;
            case State.Dead:
                HandOn(call);
                break;
            default:
                Wait(call);
                break;
        }
    }

    /// <summary>A call that had suspended is about to end: it is no longer one of the suspended.</summary>
    public void Leave(GrainCallBase call)
    {
        if (call.StartedAt != 0) call.Method.Record(Stopwatch.GetTimestamp() - call.StartedAt, suspended: true);
        if (call.Previous is { } previous) previous.Next = call.Next;
        else _suspended = (GrainCallBase?)call.Next;
        if (call.Next is GrainCallBase next) next.Previous = call.Previous;
        (call.Next, call.Previous) = (null, null);
        if (ReferenceEquals(_primary, call)) _primary = null;
        _suspendedCount--;
        OnTurnTaken();
    }

    /// <summary>A call that had suspended has ended.</summary>
    public void OnCallEnded()
    {
        if (_state == State.Closing) BeginDeactivation();
        else RunWaiting();
        if (IsIdle) Shard.Busy.Remove(this);
    }

    /// <summary>Ends the calls whose callers have waited for too long.</summary>
    public void Expire(long nowMs)
    {
        var usual = Type.Runtime.ResponseTimeoutMs;
        for (var call = _suspended; call is not null; call = (GrainCallBase?)call.Next) Overdue.EndIfOverdue(call, this, nowMs, usual, isRunning: true);
        _waiting.ForEach(call => Overdue.EndIfOverdue(call, this, nowMs, usual, isRunning: false));
        var gone = _waiting.RemoveClaimed();
        for (var i = 0; i < gone; i++) OnTurnTaken();
        if (IsIdle && _state is State.Active) Shard.Busy.Remove(this);
    }

    /// <summary>Looks at the calls that wait or are suspended from a thread that is not the shard's: what comes and goes meanwhile may be missed.</summary>
    public void PeekCalls(Action<GrainCallBase> action)
    {
        var left = _suspendedCount;
        for (var call = _suspended; call is not null && left > 0; call = Volatile.Read(ref call.Next) as GrainCallBase, left--) action(call);
        _waiting.Peek(action);
    }

    /// <summary>Calls that carry <paramref name="chain"/> may interleave until <see cref="LeaveSection"/>.</summary>
    public void EnterSection(CallChain chain) => Extras.Sections.Add(chain);

    public void LeaveSection(CallChain chain) => Extras.Sections.Remove(chain);

    /// <summary>True when the call may begin now, beside those that are suspended.</summary>
    public bool MayRun(GrainCallBase call)
    {
        if (_suspendedCount == 0 || Type.IsReentrant) return true;
        var options = call.Method.Options;
        if ((options & GrainMethodOptions.AlwaysInterleave) != 0) return true;
        if (call.Chain is { } chain && _extras is { } extras && extras.Sections.Contains(chain)) return true;
        var isReader = (options & GrainMethodOptions.ReadOnly) != 0;
        for (var running = _suspended; running is not null; running = (GrainCallBase?)running.Next)
        {
            var its = running.Method.Options;
            if ((its & GrainMethodOptions.AlwaysInterleave) == 0 && !(isReader && (its & GrainMethodOptions.ReadOnly) != 0)) return false;
        }

        return true;
    }

    private void HandOn(GrainCallBase call)
    {
        OnTurnTaken();
        if (!call.DiesWithActivation) call.Redirect(Type.Resolve(Key));
    }

    private void Run(GrainCallBase call)
    {
        if (call.IsClaimed)
        {
            OnTurnTaken();
            return; // its caller gave up before it began
        }

        GrainContext context = _suspendedCount == 0 ? this : new CallContext(this, call);
        if (Current != context) SetSynchronizationContext(context);
        Turn.Current = call;
        var started = 0L;
        GrainMethod? method = null;
        if ((++t_turns & SampleMask) == 0)
        {
            (started, method) = (Stopwatch.GetTimestamp(), call.Method);
            Shard.Hot.Add(this);
        }

        if (call.Invoke(_instance!))
        {
            method?.Record(Stopwatch.GetTimestamp() - started, suspended: false);
        }
        else
        {
            Suspend(call, context, started);
        }
    }

    private void Suspend(GrainCallBase call, GrainContext context, long started)
    {
        call.StartedAt = started != 0 ? started : Stopwatch.GetTimestamp();
        call.Next = _suspended;
        if (_suspended is not null) _suspended.Previous = call;
        _suspended = call;
        if (ReferenceEquals(context, this)) _primary = call;
        _suspendedCount++;
        Shard.Busy.Add(this);
    }

    private void RunWaiting()
    {
        for (var turns = 0; _state == State.Active && _waiting.Count > 0; turns++)
        {
            if (turns == TurnsAtOnce)
            {
                Post(static state => ((Activation)state!).RunWaitingLater(), this);
                return;
            }

            if (_suspendedCount > 0 && !MayInterleave) return;
            // Any waiting call that may interleave with those suspended goes, not only the first.
            if (_waiting.TakeFirst(this) is not { } call) return;
            Shard.Runs(call);
            Run(call);
        }
    }

    private void RunWaitingLater()
    {
        RunWaiting();
        if (IsIdle) Shard.Busy.Remove(this);
    }

    private void Wait(GrainCallBase call)
    {
        var limit = Type.Runtime.MaxWaiting;
        // A timer has one tick at most; refused, it would never tick again.
        if (limit > 0 && !call.DiesWithActivation && _waiting.Count >= limit)
        {
            OnTurnTaken();
            Type.Runtime.OnRefused(this, limit);
            call.Fail(new LimitExceededException(
                $"{this} has {limit} calls waiting already (SiloMessagingOptions.MaxEnqueuedRequestsHardLimit); {call.Method.Name} was refused. Call less often, or wait for answers before calling again."));
            return;
        }

        _waiting.Add(call);
        Shard.Busy.Add(this);
    }

    /// <summary>A call that was counted on its way to a worker has ended or is another's now. Any thread.</summary>
    public void OnTurnTaken()
    {
        if (Type.IsStatelessWorker) _extras?.EndLoad();
    }
}
