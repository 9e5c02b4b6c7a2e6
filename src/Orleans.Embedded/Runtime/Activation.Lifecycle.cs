using System.Diagnostics;

namespace Orleans.Runtime;

/// <content>How a grain comes into the memory and leaves it.</content>
internal sealed partial class Activation
{
    private static readonly ActivitySource s_activities = new("Orleans.Embedded");

    /// <summary>Marks the grain for deactivation; calls that wait or arrive go to its next activation. Any thread.</summary>
    public void RequestDeactivation(DeactivationReason reason)
    {
        if (!Shard.IsCurrent)
        {
            Post(static state =>
            {
                var (activation, why) = ((Activation, DeactivationReason))state!;
                activation.RequestDeactivation(why);
            }, (this, reason));
            return;
        }

        if (_state != State.Active) return;
        _state = State.Closing;
        Extras.Reason = reason;
        // Not within the turn that asked for it.
        Post(static state => ((Activation)state!).BeginDeactivation(), this);
    }

    /// <summary>Deactivates the grain if nobody called it for <paramref name="ageTenths"/> tenths of a second.</summary>
    /// <returns>True when it goes.</returns>
    public bool CollectIfIdle(int nowTenths, int ageTenths, DeactivationReason reason)
    {
        if (_state != State.Active || !IsIdle || nowTenths - _lastUsed <= ageTenths) return false;
        RequestDeactivation(reason);
        return true;
    }

    /// <summary>Begins to leave because the host shuts down, as soon as no call waits or is suspended.</summary>
    /// <returns>True when it has left, or never came.</returns>
    public bool TryDrain()
    {
        if (_state == State.Active && IsIdle) RequestDeactivation(new(DeactivationReasonCode.ShuttingDown, "The host shuts down."));
        return _state == State.Dead || (_state == State.New && _waiting.Count == 0);
    }

    private void Activate()
    {
        _state = State.Activating;
        SetSynchronizationContext(this);
        Turn.Current = _waiting.First;
        using var activity = s_activities.StartActivity("activate grain");
        activity?.SetTag("grain", Type.Name).SetTag("key", Key);
        t_beingCreated = this;
        Task activated;
        try
        {
            _instance = Type.CreateInstance(this);
            activated = Type.Activates ? ActivateInstance() : Task.CompletedTask;
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
        else WhenDone(activated, static (activation, task) => activation.OnActivated(task));
    }

    private Task ActivateInstance()
    {
        var token = Shard.Deadlines.After(Type.Runtime.Collection.ActivationTimeout, Type.Runtime.NowMs);
        var activated = _extras?.States is { } states ? ReadThenActivate(states, token) : _instance!.OnActivateAsync(token);
        return activated.IsCompleted ? activated : activated.WaitAsync(token);
    }

    private async Task ReadThenActivate(List<IActivationState> states, CancellationToken token)
    {
        foreach (var state in states) await state.ReadAsync();
        await _instance!.OnActivateAsync(token);
    }

    private void WhenDone(Task task, Action<Activation, Task> then) => task.ContinueWith(
        static (task, state) =>
        {
            var (activation, then) = ((Activation, Action<Activation, Task>))state!;
            activation.Post(
                static state =>
                {
                    var (activation, then, task) = ((Activation, Action<Activation, Task>, Task))state!;
                    then(activation, task);
                },
                (activation, then, task));
        },
        (this, then), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private void OnActivated(Task activated)
    {
        if (activated.IsCompletedSuccessfully)
        {
            _state = State.Active;
            Type.OnActivated(Shard);
            RunWaiting();
            if (IsIdle) Shard.Busy.Remove(this);
            return;
        }

        var exception = activated.IsCanceled && activated.Exception is null
            ? new TimeoutException($"{this} was not activated within {Type.Runtime.Collection.ActivationTimeout} (GrainCollectionOptions.ActivationTimeout).")
            : activated.Exception?.InnerException ?? new TaskCanceledException(activated);
        EndLife();
        while (_waiting.Take() is { } call)
        {
            OnTurnTaken();
            call.Fail(exception);
        }
    }

    private void BeginDeactivation()
    {
        if (_state != State.Closing || _suspendedCount > 0) return;
        _state = State.Deactivating;
        Shard.Busy.Add(this);
        _extras?.StopTimers();
        SetSynchronizationContext(this);
        Turn.Current = null;
        Task deactivated;
        try
        {
            deactivated = Type.Deactivates ? DeactivateInstance() : Task.CompletedTask;
        }
        catch (Exception exception)
        {
            deactivated = Task.FromException(exception);
        }

        if (deactivated.IsCompleted) OnDeactivated(deactivated);
        else WhenDone(deactivated, static (activation, task) => activation.OnDeactivated(task));
    }

    private Task DeactivateInstance()
    {
        var token = Shard.Deadlines.After(Type.Runtime.Collection.DeactivationTimeout, Type.Runtime.NowMs);
        var deactivated = _instance!.OnDeactivateAsync(_extras!.Reason, token);
        return deactivated.IsCompleted ? deactivated : deactivated.WaitAsync(token);
    }

    private void OnDeactivated(Task deactivated)
    {
        if (!deactivated.IsCompletedSuccessfully) Type.Runtime.OnDeactivationFailed(this, deactivated.Exception?.InnerException ?? new TaskCanceledException(deactivated));
        var instance = _instance;
        Type.OnDeactivated(Shard);
        EndLife();
        Dispose(instance);
        // What waited, and what will still arrive here, goes to the next activation.
        while (_waiting.Take() is { } call) HandOn(call);
    }

    private void EndLife()
    {
        _state = State.Dead;
        _instance = null;
        Shard.Busy.Remove(this);
        if (_extras?.Anchor is { } anchor) anchor.Workers!.Remove(this);
        else Type.Remove(this);
    }

    private void Dispose(Grain? instance)
    {
        try
        {
            if (instance is IAsyncDisposable async) WhenDone(async.DisposeAsync().AsTask(), static (activation, task) => activation.OnDisposed(task));
            else (instance as IDisposable)?.Dispose();
        }
        catch (Exception exception)
        {
            Type.Runtime.OnDeactivationFailed(this, exception);
        }
    }

    private void OnDisposed(Task disposed)
    {
        if (disposed.Exception?.InnerException is { } exception) Type.Runtime.OnDeactivationFailed(this, exception);
    }
}
