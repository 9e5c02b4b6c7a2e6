using System.Text;

namespace SmartCity.Simulators.Tests;

/// <summary>The file of a recording: what was written comes back, and what is cut off or damaged costs only itself.</summary>
public sealed class RecordingTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"recording-{Guid.NewGuid():N}.rec");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_was_recorded_comes_back_and_takes_less_room()
    {
        var messages = Messages(20_000);
        using (var writer = new RecordingWriter(_path))
        {
            foreach (var m in messages) writer.Add(m);
        }

        Assert.Equal(messages.Select(Text), ReadAll(out var damaged).Select(Text));
        Assert.Equal(0, damaged);
        Assert.InRange(new FileInfo(_path).Length, 1, messages.Sum(m => m.Topic.Length + m.Payload.Length) / 4);
    }

    [Fact]
    public void A_file_cut_off_anywhere_has_every_frame_before_the_cut_and_is_gone_on_with()
    {
        var ends = new List<long> { 8 };
        using (var writer = new RecordingWriter(_path))
        {
            foreach (var frame in Messages(30).Chunk(10))
            {
                foreach (var m in frame) writer.Add(m);
                writer.Flush();
                ends.Add(writer.FileBytes);
            }
        }

        var whole = File.ReadAllBytes(_path);
        for (var cut = 8; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(_path, whole[..cut]);
            var frames = ends.Count(e => e <= cut) - 1;
            Assert.Equal(frames * 10, ReadAll(out var damaged).Count);
            Assert.Equal(cut - ends[frames], damaged);
        }

        File.WriteAllBytes(_path, whole[..^1]);
        using (var writer = new RecordingWriter(_path))
        {
            Assert.Equal((20, whole.Length - 1 - ends[2]), (writer.Existing, writer.CutOff));
            writer.Add(Messages(1)[0]);
        }

        Assert.Equal(21, ReadAll(out var after).Count);
        Assert.Equal(0, after);
    }

    [Fact]
    public void A_damaged_byte_anywhere_costs_its_own_frame_only()
    {
        using (var writer = new RecordingWriter(_path))
        {
            foreach (var frame in Messages(30).Chunk(10))
            {
                foreach (var m in frame) writer.Add(m);
                writer.Flush();
            }
        }

        var whole = File.ReadAllBytes(_path);
        for (var at = 8; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x40;
            File.WriteAllBytes(_path, damaged);
            Assert.Equal(20, ReadAll(out var bytes).Count);
            Assert.True(bytes > 0);
        }
    }

    [Fact]
    public void Another_file_is_named_as_such_and_left_alone()
    {
        File.WriteAllText(_path, "time,lat,lon\n");
        Assert.Contains("is not a recording", Assert.Throws<ArgumentException>(() => new RecordingReader(_path)).Message, StringComparison.Ordinal);
        Assert.Contains("is not a recording", Assert.Throws<ArgumentException>(() => new RecordingWriter(_path)).Message, StringComparison.Ordinal);
        Assert.Equal("time,lat,lon\n", File.ReadAllText(_path));
    }

    [Theory]
    [InlineData("""{"ts":1764000000000,"pm25":12.30}""", """{"ts":1764000060001,"pm25":12.30}""", 1)]
    [InlineData("""[{"ts":1,"a":1}, {"a":{"ts":5},"ts":"2025-11-24T23:59:30+07:00"}]""", """[{"ts":60002,"a":1}, {"a":{"ts":5},"ts":"2025-11-25T00:00:30+07:00"}]""", 2)]
    [InlineData("""{"ts":"2025-11-24T16:00:00.1239Z"}""", """{"ts":"2025-11-24T16:01:00.1249Z"}""", 1)]
    [InlineData("""{"ts":"2025-11-24T16:00:00.5Z"}""", """{"ts":"2025-11-24T16:01:00.5Z"}""", 1)]
    [InlineData("""{"ts":1764000000000.5}""", """{"ts":1764000060001.5}""", 1)]
    [InlineData("""{"ts":"yesterday","x":1}""", """{"ts":"yesterday","x":1}""", 0)]
    [InlineData("""{"x":1}""", """{"x":1}""", 0)]
    [InlineData("""{"ts":1764000000000,""", """{"ts":1764000000000,""", 0)]
    [InlineData("not json", "not json", 0)]
    [InlineData("", "", 0)]
    public void Event_times_move_in_the_form_that_they_have(string payload, string expected, int count)
    {
        Assert.Equal(expected, Encoding.UTF8.GetString(TimeShift.Apply(Encoding.UTF8.GetBytes(payload), 60_001, out var moved).Span));
        Assert.Equal(count, moved);
    }

    internal static List<RecordedMessage> Messages(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new RecordedMessage(
            1_764_000_000_000_000 + (i * 1_500L * (i % 7 == 3 ? -1 : 1)), Encoding.UTF8.GetBytes($"city/bac/hn/air/{i % 50}"),
            Encoding.UTF8.GetBytes($$"""{"ts":{{1_764_000_000_000 + i}},"pm25":{{i % 90}}.5}"""), (byte)(i % 3), i % 5 == 0))];

    private static string Text(RecordedMessage m) => $"{m.ArrivalUs} {Encoding.UTF8.GetString(m.Topic.Span)} {Encoding.UTF8.GetString(m.Payload.Span)} {m.QoS} {m.Retain}";

    private List<RecordedMessage> ReadAll(out long damaged)
    {
        using var reader = new RecordingReader(_path);
        var messages = new List<RecordedMessage>();
        while (reader.Read() is { } m) messages.Add(m);
        damaged = reader.DamagedBytes;
        return messages;
    }
}
