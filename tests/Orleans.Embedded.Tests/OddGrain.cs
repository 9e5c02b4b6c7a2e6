using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;

namespace SmartCity.Orleans.Tests;

/// <summary>A key that begins with "stuck" is never activated, and what it registered with the token of its activation throws.</summary>
public sealed class OddGrain : Grain, IOddGrain, IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, int> s_numbers = new();
    private readonly int _number;
    private Farewell _farewell;

    public OddGrain() => _number = s_numbers.AddOrUpdate(this.GetPrimaryKeyString(), 1, (_, n) => n + 1);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!this.GetPrimaryKeyString().StartsWith("stuck", StringComparison.Ordinal)) return;
        cancellationToken.Register(() => throw new InvalidDataException("the token's callback fails"));
        Gates.Of($"{this.GetPrimaryKeyString()} in").SetResult();
        await new TaskCompletionSource().Task;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_farewell == Farewell.HookThrows) throw new InvalidDataException("cannot say goodbye");
        await Task.Yield();
        if (_farewell == Farewell.HookThrowsLater) throw new InvalidDataException("cannot say goodbye");
    }

    public ValueTask DisposeAsync() => _farewell == Farewell.DisposeThrows ? throw new InvalidDataException("cannot be disposed of") : DisposeLaterAsync();

    public ValueTask<int> Number() => new(_number);

    public ValueTask<int> ThreadId() => new(Environment.CurrentManagedThreadId);

    public Task Hold(string gate)
    {
        Gates.Of($"{gate} in").TrySetResult();
        return Gates.Of(gate).Task;
    }

    public Task Block(string gate)
    {
        Gates.Of($"{gate} in").TrySetResult();
        Gates.Of(gate).Task.Wait();
        return Task.CompletedTask;
    }

    public async Task HoldThenBlock(string gate, string second)
    {
        await Hold(gate);
        await Block(second);
    }

    public async Task Forget(bool later)
    {
        if (later) await Task.Yield();
        throw new InvalidDataException("nobody waits for this");
    }

    public ValueTask FailOutside(bool later)
    {
        ThrowOutside(later);
        return default;
    }

    public ValueTask LeaveBadly(Farewell how)
    {
        _farewell = how;
        DeactivateOnIdle();
        return default;
    }

    public ValueTask StartFailingTimer()
    {
        this.RegisterGrainTimer(_ => throw new InvalidDataException("the tick fails"), new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        return default;
    }

    public ValueTask StartTimerThatFailsToStop()
    {
        this.RegisterGrainTimer(
            token =>
            {
                token.Register(() => throw new InvalidDataException("the token's callback fails"));
                return Task.CompletedTask;
            },
            new(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
        return default;
    }

    private static async void ThrowOutside(bool later)
    {
        if (later) await Task.Yield();
        throw new InvalidOperationException("nobody awaits this");
    }

    private async ValueTask DisposeLaterAsync()
    {
        await Task.Yield();
        if (_farewell == Farewell.DisposeThrowsLater) throw new InvalidDataException("cannot be disposed of");
    }
}
