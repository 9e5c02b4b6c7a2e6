using System.Buffers;
using System.Globalization;
using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

public sealed class LineProtocolTests
{
    private const long T0 = Sample.T0;
    private static readonly InfluxOptions Defaults = new();

    [Fact]
    public void A_line_holds_all_metrics_of_a_device_stream_and_start()
    {
        var lines = Lines([Sample.Window(values: [1, 2]), Sample.Window(startMs: T0 + 60_000, values: [5]), Sample.Window(metric: "temp", values: [30.5])], []);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith(
            "reading_1m,device=d1,kind=air,region=bac,unit=hn pm25_count=2i,pm25_min=1,pm25_max=2,pm25_mean=1.5,pm25_stddev=0.5,pm25_sum=3,pm25_first=1,pm25_last=2,pm25_p50=",
            lines[0], StringComparison.Ordinal);
        Assert.Contains(",temp_count=1i,temp_min=30.5,", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" 1764000000000", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" 1764000060000", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_area_has_its_own_measurement()
    {
        var line = Assert.Single(Lines([], [Sample.Area(values: [4]), Sample.Area(metric: "no2", values: [5])]));
        Assert.StartsWith("area_1m,area=hn,kind=air pm25_count=1i,pm25_min=4,", line, StringComparison.Ordinal);
        Assert.Contains("no2_p99=5", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b=c d", "a\\,b\\=c\\ d")]
    [InlineData("\"quoted\"", "\"quoted\"")]
    [InlineData("line\nbreak\r\0", "line_break__")]
    [InlineData("ends with \\", "ends\\ with\\ _")]
    [InlineData("in\\side", "in\\side")]
    [InlineData("trạm", "trạm")]
    public void Names_are_escaped_so_that_they_cannot_end_early(string name, string escaped)
    {
        var line = Assert.Single(Lines([Sample.Window(name, name, values: [1])], []));
        Assert.StartsWith($"reading_1m,device={escaped},kind=air,region=bac,unit=hn {escaped}_count=1i,{escaped}_min=1,", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_character_is_written_as_the_replacement_character()
    {
        var line = Assert.Single(Lines([Sample.Window("lone" + (char)0xD800)], []));
        Assert.StartsWith("reading_1m,device=lone" + (char)0xFFFD + ",", line, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_tag_is_left_out()
    {
        var line = Assert.Single(Lines([Sample.Window(stream: new("", "hn", ""))], []));
        Assert.StartsWith("reading_1m,device=d1,unit=hn ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_not_written_and_a_window_without_readings_has_no_line()
    {
        var huge = Sample.Window(values: [double.MaxValue, -double.MaxValue, double.MaxValue]);
        var text = Assert.Single(Lines([huge, Sample.Window(startMs: T0 + 60_000, values: []), Sample.Window(metric: "none", values: [])], []));
        Assert.DoesNotContain("NaN", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("∞", text, StringComparison.Ordinal);
        Assert.DoesNotContain("inf", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("none", text, StringComparison.Ordinal);
        Assert.Contains("pm25_max=1.7976931348623157E+308", text, StringComparison.Ordinal);
        Assert.DoesNotContain(",,", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e-300)]
    [InlineData(-123456789.123456789)]
    [InlineData(5e-324)]
    public void Numbers_read_back_the_same(double value)
    {
        var line = Assert.Single(Lines([Sample.Window(values: [value])], []));
        var text = line.Split("pm25_last=")[1].Split(',')[0];
        Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_name_of_any_length_is_written_whole()
    {
        var name = new string('đ', 3000);
        Assert.StartsWith($"reading_1m,device={name},", Assert.Single(Lines([Sample.Window(name, name)], [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Chunks_keep_the_limits_and_lose_no_line()
    {
        var windows = Enumerable.Range(0, 1000).Select(i => Sample.Window($"d{i}")).ToList();
        var byLines = LineProtocol.Chunks(windows, [], new InfluxOptions { MaxBatchLines = 300 });
        Assert.Equal([300, 300, 300, 100], byLines.Select(c => c.Lines));
        var options = new InfluxOptions { MaxBatchBytes = 4096 };
        var byBytes = LineProtocol.Chunks(windows, [], options);
        Assert.All(byBytes, c => Assert.InRange(LineBatcher.Decompress(c.Body).Length, 1, options.MaxBatchBytes));
        string[] expected = [.. windows.Select(w => w.DeviceId)];
        Assert.Equal(expected, Split(byLines).Select(Device));
        Assert.Equal(expected, Split(byBytes).Select(Device));
        Assert.Equal(1000, byBytes.Sum(c => c.Lines));
    }

    [Fact]
    public void A_line_longer_than_the_limit_is_a_chunk_of_its_own()
    {
        var windows = new List<DeviceWindow> { Sample.Window("a"), Sample.Window(new string('x', 5000)), Sample.Window("b") };
        var chunks = LineProtocol.Chunks(windows, [], new InfluxOptions { MaxBatchBytes = 2048 });
        Assert.Equal([1, 1, 1], chunks.Select(c => c.Lines));
        Assert.Equal(["a", windows[1].DeviceId, "b"], Split(chunks).Select(Device));
    }

    [Fact]
    public void Nothing_is_no_chunk() => Assert.Empty(LineProtocol.Chunks([], [], Defaults));

    [Fact]
    public void Heads_and_fields_can_be_written_to_any_buffer()
    {
        var writer = new ArrayBufferWriter<byte>();
        LineProtocol.WriteDeviceHead(writer, "d", Sample.Air);
        Assert.Equal(11, LineProtocol.WriteFields(writer, "m", Sample.Aggregate(0, 1), first: true));
        Assert.Equal(0, LineProtocol.WriteFields(writer, "m", new WindowAggregate(), first: false));
        var text = Encoding.UTF8.GetString(writer.WrittenSpan);
        Assert.All(LineProtocol.FieldSuffixes, suffix => Assert.Contains("m" + suffix + "=", text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_counter_has_its_increase_and_resets_besides_and_nothing_else_has()
    {
        var meter = new WindowAggregate();
        foreach (var (ms, value) in ((long, double)[])[(0, 5), (1, 7.5), (2, 1)]) meter.Add(ms, value, MetricForm.Counter);
        var writer = new ArrayBufferWriter<byte>();
        Assert.Equal(13, LineProtocol.WriteFields(writer, "energy", meter, first: true));
        Assert.EndsWith(",energy_increase=3.5,energy_resets=1i", Encoding.UTF8.GetString(writer.WrittenSpan), StringComparison.Ordinal);
        writer.Clear();
        LineProtocol.WriteFields(writer, "power", Sample.Aggregate(0, 1), first: true);
        Assert.DoesNotContain("_increase", Encoding.UTF8.GetString(writer.WrittenSpan), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("x\ny", "\"x\\ny\"")]
    public void Identifiers_are_quoted(string name, string quoted) => Assert.Equal(quoted, InfluxQl.Identifier(name));

    [Theory]
    [InlineData("secret\r")]
    [InlineData("sécret")]
    public void A_token_that_no_header_can_carry_is_refused_at_the_start(string token)
    {
        var options = new InfluxOptions { Url = "http://127.0.0.1:8086", Database = "city", Token = token };
        Assert.Contains("Influx:Token has a line break", Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        options.Token = "user:pass word";
        options.Validate();
    }

    [Theory]
    [InlineData("ftp://x", "city", null, "Influx:Url is 'ftp://x'; write an http or https address such as http://127.0.0.1:8086.")]
    [InlineData("http://x", "", null, "Influx:Database is empty; name a database (v1, v3) or a bucket (v2), such as city.")]
    [InlineData("http://x", "city", InfluxApiVersion.V2, "Influx:Org is empty; the v2 API needs the organisation's name.")]
    public void Options_that_cannot_work_are_named(string url, string database, InfluxApiVersion? version, string message)
    {
        var options = new InfluxOptions { Url = url, Database = database, ApiVersion = version ?? InfluxApiVersion.Auto };
        Assert.Equal(message, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    private static string Device(string line) => line.Split("device=")[1].Split(',')[0];

    private static string[] Lines(IReadOnlyList<DeviceWindow> windows, IReadOnlyList<AreaWindow> areas) => Split(LineProtocol.Chunks(windows, areas, Defaults));

    private static string[] Split(IReadOnlyList<LineChunk> chunks) =>
        [.. chunks.SelectMany(c => Encoding.UTF8.GetString(LineBatcher.Decompress(c.Body)).Split('\n', StringSplitOptions.RemoveEmptyEntries))];
}
