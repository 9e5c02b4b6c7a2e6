using Orleans;

namespace SmartCity.Orleans.Tests;

public interface IFragileGrain : IGrainWithStringKey
{
    ValueTask<int> Activations();
}

/// <summary>Fails its first activation, synchronously or after an await, as the key says.</summary>
public sealed class FragileGrain(FragileGrain.Attempts attempts) : Grain, IFragileGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var attempt = attempts.Next();
        if (this.GetPrimaryKeyString().StartsWith("slow", StringComparison.Ordinal)) await Task.Yield();
        if (attempt == 1) throw new IOException("the store is away");
    }

    public ValueTask<int> Activations() => new(attempts.Count);

    public sealed class Attempts
    {
        public int Count { get; private set; }

        public int Next() => ++Count;
    }
}
