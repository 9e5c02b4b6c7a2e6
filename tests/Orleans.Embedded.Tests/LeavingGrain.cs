using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;

namespace SmartCity.Orleans.Tests;

/// <summary>A grain whose going takes as long as a test wants.</summary>
public sealed class LeavingGrain : Grain, ILeavingGrain, IDisposable
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<int>> s_appended = new();
    private bool _leaves;

    public ValueTask Leave()
    {
        _leaves = true;
        DeactivateOnIdle();
        return default;
    }

    public ValueTask Append(int value)
    {
        s_appended.GetOrAdd(this.GetPrimaryKeyString(), _ => new()).Enqueue(value);
        return default;
    }

    public ValueTask<int[]> Appended() => new(s_appended[this.GetPrimaryKeyString()].ToArray());

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        BlockAt("leaving");
        return Task.CompletedTask;
    }

    public void Dispose() => BlockAt("gone");

    private void BlockAt(string gate)
    {
        if (!_leaves) return;
        Gates.Of($"{this.GetPrimaryKeyString()} {gate} in").SetResult();
        Gates.Of($"{this.GetPrimaryKeyString()} {gate}").Task.Wait();
    }
}
