using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of grain classes. A grain runs one turn at a time and, unless it says otherwise, one call at a time.</summary>
public abstract class Grain : IAddressable
{
    protected Grain() => Activation = Activation.BeingCreated
        ?? throw new InvalidOperationException($"{GetType().Name} is a grain: get it from IGrainFactory.GetGrain, do not construct it.");

    /// <summary>References to other grains.</summary>
    protected IGrainFactory GrainFactory => Activation.Type.Runtime;

    /// <summary>The host's services.</summary>
    protected IServiceProvider ServiceProvider => Activation.Type.Runtime.Services;

    internal Activation Activation { get; }

    /// <summary>Called before the first call. If it fails, the calls that wait fail with its exception and the next call tries again.</summary>
    /// <param name="cancellationToken">Cancelled when activation takes longer than <see cref="Configuration.GrainCollectionOptions.ActivationTimeout"/>.</param>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called before the grain leaves the memory, when no call of it is under way. Calls that arrive meanwhile go to its next activation.</summary>
    /// <param name="cancellationToken">Cancelled when deactivation takes longer than <see cref="Configuration.GrainCollectionOptions.DeactivationTimeout"/>.</param>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Lets the grain leave the memory as soon as the calls under way have ended.</summary>
    protected void DeactivateOnIdle() => Activation.RequestDeactivation(new(DeactivationReasonCode.ApplicationRequested, "The grain asked for it."));
}
