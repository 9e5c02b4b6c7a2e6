using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>A process that appends from several threads and prints each sequence once it is durable, until it is killed.</summary>
internal sealed class AppendChild : IDisposable
{
    private const int Producers = 4;
    private readonly Process _process;

    private AppendChild(Process process) => _process = process;

    public static AppendChild Start(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (!Path.GetFileName(Environment.ProcessPath!).StartsWith("Gateway.Tests", StringComparison.Ordinal))
            start.ArgumentList.Add(typeof(AppendChild).Assembly.Location); // the tests run under the dotnet host
        start.ArgumentList.Add("append-until-killed");
        start.ArgumentList.Add(folder);
        return new(Process.Start(start)!);
    }

    /// <summary>Reads acknowledged sequences until there are enough, kills the process, and reads what it had still printed.</summary>
    public async Task<List<long>> KillAfterAsync(int acknowledged)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var sequences = new List<long>();
        while (sequences.Count < acknowledged)
        {
            var line = await _process.StandardOutput.ReadLineAsync(timeout.Token) ?? throw new InvalidOperationException("The child ended by itself.");
            sequences.Add(long.Parse(line, CultureInfo.InvariantCulture));
        }

        _process.Kill();
        var rest = await _process.StandardOutput.ReadToEndAsync(timeout.Token);
        foreach (var line in rest.Split('\n')[..^1]) sequences.Add(long.Parse(line, CultureInfo.InvariantCulture)); // a cut last line is no acknowledgement
        await _process.WaitForExitAsync(timeout.Token);
        return sequences;
    }

    public static int Run(string folder)
    {
        using var log = new IntakeLog(new() { Folder = folder, SegmentBytes = 64 << 10 }, TimeProvider.System, new TestMeters(), NullLogger<IntakeLog>.Instance);
        log.Open(0);
        new Thread(() =>
        {
            while (true) log.Return(log.Take(CancellationToken.None));
        })
        { IsBackground = true }.Start();
        var output = new Lock();
        var producers = Enumerable.Range(0, Producers).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                await log.WhenReadyAsync(CancellationToken.None);
                var marker = Guid.NewGuid().ToString();
                var sequence = LogRig.Append(log, marker);
                await log.WhenDurableAsync(sequence);
                var line = sequence.ToString(CultureInfo.InvariantCulture) + "\n";
                lock (output) Console.Out.Write(line);
            }
        })).ToArray();
        Task.WaitAll(producers);
        return 0;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
