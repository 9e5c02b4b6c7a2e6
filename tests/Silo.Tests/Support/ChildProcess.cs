using System.Diagnostics;
using System.Threading.Channels;

namespace SmartCity.Silo.Tests;

/// <summary>A program of its own whose lines can be awaited. It is killed with the test.</summary>
public sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private int _endedStreams;

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data, _output);
        _process.ErrorDataReceived += (_, e) => Take(e.Data, _errors);
        try
        {
            _process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName} is not installed; test.sh installs what the tests need.", e);
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Lines of the standard output so far.</summary>
    public IReadOnlyList<string> Output => Copy(_output);

    /// <summary>Lines of the standard error so far.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        return new(start);
    }

    /// <summary>Runs a program that ends by itself with code 0, and answers its output.</summary>
    public static Task<string> RunAsync(string program, params string[] arguments) => RunAsync(program, arguments, null);

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    public static async Task<string> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        using var child = Start(program, arguments, environment);
        var code = await child.WaitForEndAsync();
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}: {string.Join('\n', child.Errors)}");
        return string.Join('\n', child.Output);
    }

    /// <summary>The next line that passes, of either stream; those before it are taken too.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> passes, string awaited)
    {
        using var timeout = new CancellationTokenSource(s_patience);
        try
        {
            while (true)
            {
                var line = await _lines.Reader.ReadAsync(timeout.Token);
                if (passes(line)) return line;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName}: not within {s_patience.TotalSeconds} s: {awaited}. {Log}");
        }
        catch (ChannelClosedException)
        {
            throw new InvalidOperationException($"{_process.StartInfo.FileName} ended before {awaited}. {Log}");
        }
    }

    /// <summary>Waits until the program has ended and all its lines are here; the exit code.</summary>
    public async Task<int> WaitForEndAsync(TimeSpan? patience = null)
    {
        using var timeout = new CancellationTokenSource(patience ?? s_patience);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end within {(patience ?? s_patience).TotalSeconds} s. {Log}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGTERM: the program may tidy up.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>SIGINT: Ctrl+C.</summary>
    public Task InterruptAsync() => SignalAsync("INT");

    /// <summary>SIGSTOP: the program stands still, and others hear nothing of it.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>SIGKILL: the program learns nothing of it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await WaitForEndAsync();
    }

    public Task KillIfRunningAsync() => _process.HasExited ? Task.CompletedTask : KillAsync();

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit(10_000);
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private string Log => "Its last lines: " + string.Join('\n', Output.TakeLast(15).Concat(Errors.TakeLast(15)));

    private void Take(string? line, List<string> into)
    {
        if (line is null)
        {
            if (Interlocked.Increment(ref _endedStreams) == 2) _lines.Writer.TryComplete();
            return;
        }

        lock (into) into.Add(line);
        _lines.Writer.TryWrite(line);
    }

    private static List<string> Copy(List<string> lines)
    {
        lock (lines) return [.. lines];
    }
}
