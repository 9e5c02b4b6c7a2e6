namespace SmartCity.Simulators;

/// <summary>
/// Live progress on the error stream, so that the output stays the result's: one line that is overwritten on a terminal, and a line every five seconds elsewhere.
/// </summary>
internal static class ProgressLine
{
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromSeconds(5);

    /// <summary>Shows what <paramref name="describe"/> says until the task has ended, and answers its result.</summary>
    /// <param name="describe">Gets the time since the last call.</param>
    public static async Task<T> ShowAsync<T>(Task<T> task, Func<TimeSpan, string> describe, TimeProvider time)
    {
        var terminal = !Console.IsErrorRedirected;
        using var timer = new PeriodicTimer(terminal ? TimeSpan.FromMilliseconds(500) : s_elsewhere, time);
        var before = time.GetTimestamp();
        var width = 0;
        while (await Task.WhenAny(task, timer.WaitForNextTickAsync(CancellationToken.None).AsTask()).ConfigureAwait(false) != task)
        {
            var text = describe(time.GetElapsedTime(before));
            before = time.GetTimestamp();
            if (!terminal)
            {
                await Console.Error.WriteLineAsync(text).ConfigureAwait(false);
                continue;
            }

            await Console.Error.WriteAsync('\r' + text.PadRight(width)).ConfigureAwait(false);
            width = text.Length;
        }

        if (width > 0) await Console.Error.WriteAsync('\r' + new string(' ', width) + '\r').ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <summary>Time to the end when a share of the way took <paramref name="elapsed"/>; empty while nobody can know.</summary>
    public static string Eta(TimeSpan elapsed, double part) =>
        part is > 0.001 and < 1 ? $", {part:P0}, ends in {TimeSpan.FromSeconds(Math.Ceiling(elapsed.TotalSeconds * (1 - part) / part)):h\\:mm\\:ss}" : "";
}
