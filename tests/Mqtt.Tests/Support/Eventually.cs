namespace SmartCity.Mqtt.Tests;

/// <summary>Waits that say what they waited for.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Awaits a task; a timeout names the event.</summary>
    public static async Task<T> Within<T>(this Task<T> task, string awaited)
    {
        await ((Task)task).Within(awaited);
        return await task;
    }

    /// <inheritdoc cref="Within{T}"/>
    public static async Task Within(this Task task, string awaited)
    {
        try
        {
            await task.WaitAsync(s_patience);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Not within {s_patience.TotalSeconds} s: {awaited}.");
        }
    }

    /// <summary>Polls a state that has no event, such as a counter.</summary>
    public static async Task True(Func<bool> condition, string awaited)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > s_patience) throw new TimeoutException($"Not within {s_patience.TotalSeconds} s: {awaited}.");
            await Task.Yield();
        }
    }
}
