namespace SmartCity.Tests;

/// <summary>Waits for something that other threads bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    /// <exception cref="TimeoutException">It did not come; the message names it.</exception>
    public static async Task IsTrue(Func<bool> condition, string awaited)
    {
        var deadline = DateTime.UtcNow + s_limit;
        while (!condition())
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"Waited {s_limit.TotalSeconds} s for: {awaited}.");
            await Task.Yield();
        }
    }

    public static Task Within(Task task, string awaited) => Within(AsResult(task), awaited);

    public static async Task<T> Within<T>(Task<T> task, string awaited)
    {
        try
        {
            return await task.WaitAsync(s_limit);
        }
        catch (TimeoutException) when (!task.IsCompleted) // not one of its own
        {
            throw new TimeoutException($"Waited {s_limit.TotalSeconds} s for: {awaited}.");
        }
    }

    private static async Task<bool> AsResult(Task task)
    {
        await task;
        return true;
    }
}
