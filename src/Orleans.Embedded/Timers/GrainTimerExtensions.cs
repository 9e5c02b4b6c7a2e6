using Orleans.Runtime;

namespace Orleans;

/// <summary>Timers of grains.</summary>
public static class GrainTimerExtensions
{
    /// <summary>Starts a timer whose ticks are turns of the grain. An exception of a tick is logged and does not stop the timer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative and not <see cref="Timeout.InfiniteTimeSpan"/>, or longer than 49 days.</exception>
    /// <exception cref="InvalidOperationException">It is called outside the grain's turns.</exception>
    /// <param name="callback">Its token is cancelled when the timer is disposed or the grain leaves.</param>
    public static IGrainTimer RegisterGrainTimer(this Grain grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(grain);
        ArgumentNullException.ThrowIfNull(callback);
        return new GrainTimer(grain.Activation, callback, options);
    }

    /// <inheritdoc cref="RegisterGrainTimer(Grain, Func{CancellationToken, Task}, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer<TState>(this Grain grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RegisterGrainTimer(grain, token => callback(state, token), options);
    }
}
