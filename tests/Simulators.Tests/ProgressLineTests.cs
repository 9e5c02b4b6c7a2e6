using System.Text;

namespace SmartCity.Simulators.Tests;

/// <summary>Progress on a terminal and elsewhere.</summary>
public sealed class ProgressLineTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Screen _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task On_a_terminal_one_line_is_overwritten_cut_to_its_width_and_gone_at_the_end()
    {
        var texts = new Queue<string>(["a long line of progress", "short"]);
        await ShowAsync(isTerminal: true, TimeSpan.FromMilliseconds(500), texts, line => line.Note("a warning", ConsoleColor.Red));
        Assert.Equal("\ra long line of p…\rshort            \r     \r\e[31ma warning\e[0m\n", _output.ToString());
    }

    [Fact]
    public async Task Elsewhere_there_is_a_line_every_five_seconds()
    {
        var texts = new Queue<string>(["a long line of progress", "short"]);
        await ShowAsync(isTerminal: false, TimeSpan.FromSeconds(5), texts, line => line.Note("a warning"));
        Assert.Equal("a long line of progress\nshort\na warning\n", _output.ToString());
    }

    [Fact]
    public void The_time_to_the_end_is_only_said_when_it_can_be_known()
    {
        Assert.Equal("25 %, ends in 0:03:00: ", ProgressLine.Eta(TimeSpan.FromMinutes(1), 0.25));
        Assert.Equal("", ProgressLine.Eta(TimeSpan.FromMinutes(1), 0));
        Assert.Equal("", ProgressLine.Eta(TimeSpan.FromMinutes(1), double.NaN));
    }

    private async Task ShowAsync(bool isTerminal, TimeSpan period, Queue<string> texts, Action<ProgressLine> then)
    {
        var line = new ProgressLine(_output, isTerminal, () => 18, _time);
        var task = new TaskCompletionSource();
        var shown = new List<TimeSpan>();
        var asked = new SemaphoreSlim(0);
        var showing = line.ShowAsync(task.Task, since =>
        {
            shown.Add(since);
            asked.Release();
            return texts.Dequeue();
        });
        while (texts.Count > 0)
        {
            _time.Advance(period);
            Assert.True(await asked.WaitAsync(TimeSpan.FromSeconds(20)), "the next line of progress");
        }

        // The line is written right after it was asked for, under the lock that a note takes too.
        await Eventually.True(() => _output.ToString().Contains("short", StringComparison.Ordinal), "the last line");
        then(line);
        task.SetResult();
        await showing;
        Assert.All(shown, s => Assert.Equal(period, s));
    }

    /// <summary>What was written, readable while it is written to.</summary>
    private sealed class Screen : TextWriter
    {
        private readonly StringBuilder _text = new();

        public Screen() => NewLine = "\n";

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_text) _text.Append(value);
        }

        public override string ToString()
        {
            lock (_text) return _text.ToString();
        }
    }
}
