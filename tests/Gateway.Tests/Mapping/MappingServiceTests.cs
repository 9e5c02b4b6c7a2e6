using System.Collections.Concurrent;
using System.Text.Json;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>A mapping counts for the records of its time, whenever they are read.</summary>
public sealed class MappingServiceTests : IDisposable
{
    private readonly PumpRig _rig = new();
    private readonly FakeTimeProvider _clock = new(1_764_000_000_000);
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-mapping-").FullName;

    private readonly ConcurrentQueue<(string Device, string Kind, string Metric)> _taken = new();

    private string File => Path.Combine(_folder, "mappings.json");

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Records_are_read_by_the_rules_of_their_time_also_when_they_are_read_again()
    {
        var mappings = Start();
        await TakeAsync("plant/7/a"); // before: no topic of ours
        var rule = await mappings.AddAsync(new("plant/+/+", "city/nam/sg/air/{2}", new Dictionary<string, string> { ["P"] = "pm25" }), default);
        Assert.Equal(("m1", 2L, true), (rule.Id, rule.From, rule.IsInForce));
        await TakeAsync("plant/7/b");
        Assert.NotNull(await mappings.ReplaceAsync("m1", new("plant/+/+", "city/nam/sg/noise/{2}", new Dictionary<string, string> { ["P"] = "laeq" }), default));
        await TakeAsync("plant/7/c");
        Assert.True(await mappings.DeleteAsync("m1", default));
        await TakeAsync("plant/7/d");
        (string, string, string)[] expected = [("b", "air", "pm25"), ("c", "noise", "laeq")];
        Assert.Equal(expected, _taken);
        Assert.Empty(mappings.InForce);

        Start(); // nothing was stored: everything is read again
        await _rig.AppliedAsync(4);
        Assert.Equal(expected, _taken);
    }

    [Fact]
    public async Task A_rule_that_is_made_before_the_replay_is_through_does_not_count_for_what_was_read_before()
    {
        Start();
        await TakeAsync("plant/7/a");
        var mappings = Start();
        await mappings.AddAsync(new("plant/#", "city/nam/sg/air/x"), default);
        await TakeAsync("plant/7/b");
        Assert.Equal(["x"], _taken.Select(t => t.Device));
    }

    [Fact]
    public async Task The_first_of_several_that_match_counts_and_names_itself_where_its_topic_is_wrong()
    {
        var mappings = Start(out var pump);
        await mappings.AddAsync(new("plant/#", "city/nam/nowhere/air/{1}"), default);
        await mappings.AddAsync(new("plant/+", "city/nam/sg/air/{1}"), default);
        await TakeAsync("plant/a");
        var commit = new StoreCommit();
        pump.Contribute(commit);
        var letter = Assert.Single(commit.DeadLetters);
        Assert.Equal(("plant/a", "a", RejectReason.UnknownUnit), (letter.Topic, letter.DeviceId, letter.Reason));
        Assert.Contains("'nowhere' is no unit", letter.Detail, StringComparison.Ordinal);
        Assert.EndsWith("(by mapping m1)", letter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_not_used_again_and_what_ended_long_ago_and_is_stored_is_forgotten()
    {
        var mappings = Start(out var pump);
        Assert.Equal("m1", (await mappings.AddAsync(new("a", "b"), default)).Id);
        Assert.True(await mappings.DeleteAsync("m1", default));
        Assert.Equal("m2", (await mappings.AddAsync(new("a", "b"), default)).Id);
        Assert.Equal(2, Kept());
        _clock.Advance(TimeSpan.FromDays(8));
        await mappings.AddAsync(new("a", "b"), default);
        Assert.Equal(3, Kept()); // the store does not have what was read by it
        await TakeAsync("a");
        pump.Committed(LogPosition.Through(1));
        await mappings.AddAsync(new("a", "b"), default);
        Assert.Equal(3, Kept());
        Assert.Equal(["m2", "m3", "m4"], mappings.InForce.Select(r => r.Id));
    }

    [Fact]
    public async Task A_rule_that_cannot_be_written_does_not_count()
    {
        var mappings = Start();
        Directory.CreateDirectory(File); // a folder in the place of the file
        await Assert.ThrowsAnyAsync<Exception>(() => mappings.AddAsync(new("plant/+", "city/nam/sg/air/{1}"), default));
        Assert.Empty(mappings.InForce);
        await TakeAsync("plant/a");
        Assert.Empty(_taken);
    }

    [Theory]
    [InlineData("[{")]
    [InlineData("null")]
    [InlineData("[{\"id\":\"m1\"}]")]
    public void A_damaged_file_ends_the_start(string text)
    {
        System.IO.File.WriteAllText(File, text);
        Assert.Contains($"The mappings in '{File}' cannot be read", Assert.Throws<StoreUnavailableException>(() => Start()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_said_and_what_cannot_be_used_is_refused()
    {
        var mappings = Start();
        Assert.False(await mappings.DeleteAsync("m9", default));
        Assert.Null(await mappings.ReplaceAsync("m9", new("a", "b"), default));
        Assert.Contains("'filter' is missing", (await Assert.ThrowsAsync<ArgumentException>(() => mappings.AddAsync(new(null), default))).Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
        for (var i = 0; i < 256; i++) await mappings.AddAsync(new("a", "b"), default);
        Assert.Contains("There are 256 mappings; delete one first.", (await Assert.ThrowsAsync<ArgumentException>(() => mappings.AddAsync(new("a", "b"), default))).Message, StringComparison.Ordinal);
    }

    private MappingService Start() => Start(out _);

    private MappingService Start(out IngestPump pump)
    {
        _rig.Options.MappingFile = File;
        MappingService? service = null;
        _taken.Clear();
        _rig.Grains.OnIngest = (device, message) =>
        {
            _taken.Enqueue((device, message.Stream.Kind, message.Readings[0].Metric));
            return Task.CompletedTask;
        };
        _rig.Starting = p =>
        {
            service = new(p, _rig.Options, _clock);
            service.Load();
        };
        pump = _rig.Start();
        return service!;
    }

    private async Task TakeAsync(string topic)
    {
        var sequence = LogRig.Append(_rig.Intake, "{\"P\":40,\"pm25x\":1}", topic);
        await _rig.AppliedAsync(sequence);
    }

    private int Kept() => JsonElement.Parse(System.IO.File.ReadAllText(File)).GetArrayLength();
}
