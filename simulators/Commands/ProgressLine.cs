namespace SmartCity.Simulators;

/// <summary>
/// Live progress on the error stream, so that the output stays the result's: one line that is overwritten on a terminal, and a line every five seconds elsewhere.
/// </summary>
/// <param name="isTerminal">False: lines are written one below the other.</param>
/// <param name="columns">Width of the terminal; a longer line is cut, since what has wrapped cannot be overwritten.</param>
internal sealed class ProgressLine(TextWriter output, bool isTerminal, Func<int> columns, TimeProvider time)
{
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private int _width;

    /// <summary>The one of this process.</summary>
    public static ProgressLine OfConsole { get; } = new(Console.Error, !Console.IsErrorRedirected, Columns, TimeProvider.System);

    /// <summary>Shows what <paramref name="describe"/> says until the task has ended, and answers its result.</summary>
    /// <param name="describe">Gets the time since the last call.</param>
    public async Task<T> ShowAsync<T>(Task<T> task, Func<TimeSpan, string> describe)
    {
        await ShowAsync((Task)task, describe).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <inheritdoc cref="ShowAsync{T}"/>
    public async Task ShowAsync(Task task, Func<TimeSpan, string> describe)
    {
        using var timer = new PeriodicTimer(isTerminal ? s_refresh : s_elsewhere, time);
        var before = time.GetTimestamp();
        while (await Task.WhenAny(task, timer.WaitForNextTickAsync(CancellationToken.None).AsTask()).ConfigureAwait(false) != task)
        {
            Overwrite(describe(time.GetElapsedTime(before)));
            before = time.GetTimestamp();
        }

        lock (_gate) Clear();
        await task.ConfigureAwait(false);
    }

    /// <summary>A line that stays, such as a warning; the progress goes on below it.</summary>
    public void Note(string line, ConsoleColor color = ConsoleColor.Yellow)
    {
        lock (_gate)
        {
            Clear();
            output.WriteLine(isTerminal ? $"\e[{(color == ConsoleColor.Red ? 31 : 33)}m{line}\e[0m" : line);
        }
    }

    /// <summary>
    /// Time to the end when a share of the way took <paramref name="elapsed"/>, for the beginning of a line, where a narrow terminal shows it; empty while nobody can know.
    /// </summary>
    public static string Eta(TimeSpan elapsed, double part) =>
        part is > 0.001 and < 1 ? $"{part:P0}, ends in {TimeSpan.FromSeconds(Math.Ceiling(elapsed.TotalSeconds * (1 - part) / part)):h\\:mm\\:ss}: " : "";

    private static int Columns()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return int.MaxValue;
        }
    }

    private void Overwrite(string text)
    {
        lock (_gate)
        {
            if (!isTerminal)
            {
                output.WriteLine(text);
                return;
            }

            // The last column stays free: a cursor behind it may be on the next line already.
            if (columns() is > 1 and var most && text.Length >= most) text = string.Concat(text.AsSpan(0, Math.Max(0, most - 2)), "…");
            output.Write('\r' + text.PadRight(_width));
            output.Flush();
            _width = text.Length;
        }
    }

    private void Clear()
    {
        if (_width == 0) return;
        output.Write('\r' + new string(' ', _width) + '\r');
        output.Flush();
        _width = 0;
    }
}
