using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of grain classes. A grain runs one turn at a time and, unless it says otherwise, one call at a time.</summary>
public abstract class Grain : IAddressable
{
    protected Grain() => Activation = Activation.BeingCreated
        ?? throw new InvalidOperationException($"{GetType().Name} is a grain: get it from IGrainFactory.GetGrain, do not construct it.");

    /// <summary>References to other grains.</summary>
    protected IGrainFactory GrainFactory => Activation.Type.Runtime;

    internal Activation Activation { get; }

    /// <summary>Called before the first call. If it fails, the calls that wait fail with its exception and the next call tries again.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
