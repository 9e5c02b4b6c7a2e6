using System.Text;
using System.Text.Json;

namespace SmartCity.Simulators.Tests;

/// <summary>Drive-test logs as operators write them.</summary>
public sealed class DriveTestTests : IDisposable
{
    private const string Cell = "452-04-0A1B2C3D4";
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"drive-{Guid.NewGuid():N}.rec");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_clean_log_with_usual_names_needs_no_mapping()
    {
        var report = Import(
            "\uFEFF" + """
            Timestamp,Latitude,Longitude,NCGI,NR PCI,SS-RSRP (dBm),SS-RSRQ [dB],SS-SINR (dB),Remark
            2025-11-24T16:00:00.250Z,21.0285,105.8542,452-04-0a1b2c3d4,101,-84.5,-10.5,17,"a, ""b""
            c"
            1764000001000,21.0286,105.8543,452-04-0A1B2C3D4,101,-85,-11,16,
            """, new());
        Assert.Equal((2, 2), (report.Rows, report.Taken));
        Assert.Empty(report.Fields);
        Assert.Equal(["Remark"], report.UnusedColumns);
        var first = Read()[0];
        Assert.Equal("city/bac/hn/mdt/drive-test", first.Topic);
        Assert.Equal((1764000000250, 21.0285, 105.8542, Cell, 101, -84.5, -10.5, 17), (
            first.Json.GetProperty("ts").GetInt64(), first.Json.GetProperty("lat").GetDouble(), first.Json.GetProperty("lon").GetDouble(), first.Json.GetProperty("ncgi").GetString(),
            first.Json.GetProperty("pci").GetInt32(), first.Json.GetProperty("rsrp").GetDouble(), first.Json.GetProperty("rsrq").GetDouble(), first.Json.GetProperty("sinr").GetDouble()));
        Assert.Equal(1764000001000, Read()[1].Json.GetProperty("ts").GetInt64());
    }

    [Fact]
    public void Dirty_fields_are_left_out_named_and_counted_and_the_rest_of_the_row_stays()
    {
        var report = Import(
            $"""
            ts,lat,lon,ncgi,rsrp,rsrq,sinr,dl
            1764000000000,21,105,{Cell},-80,-,-999,90000
            1764000001000,21,105,{Cell},-81,,12,abc
            1764000002000,21,105,{Cell},-82,-,77,1
            1764000003000,21,105,{Cell},-999,-9,12,1
            1764000004000,21,105,{Cell},-
            1764000005000,0,0,{Cell},-80,-9,12,1
            -,21,105,{Cell},-80,-9,12,1
            1764000007000,21,105,452-04,-80,-9,12,1
            """, new());
        Assert.Equal((8, 3), (report.Rows, report.Taken));
        Assert.Equal(
            [
                ("dl", "no number", 1, 3), ("lat", "0, 0: no position fix", 1, 7), ("ncgi", "no NCGI (such as 452-04-0A1B2C3D4)", 1, 9), ("rsrp", "'-'", 1, 6), ("rsrp", "sentinel -999", 1, 5),
                ("rsrq", "'-'", 2, 2), ("rsrq", "blank", 1, 3), ("sinr", "outside -23 to 40", 1, 4), ("sinr", "sentinel -999", 1, 2), ("ts", "'-'", 1, 8),
            ],
            report.Fields.OrderBy(f => f.Field, StringComparer.Ordinal).ThenBy(f => f.Why, StringComparer.Ordinal));
        Assert.Equal([("without lat", 1, 7), ("without ncgi", 1, 9), ("without rsrp", 2, 5), ("without ts", 1, 8)], report.LeftOut.OrderBy(r => r.Why, StringComparer.Ordinal));
        var rows = Read();
        Assert.Equal(["ts", "seq", "lat", "lon", "ncgi", "rsrp", "dl"], rows[0].Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["ts", "seq", "lat", "lon", "ncgi", "rsrp", "sinr"], rows[1].Json.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void A_mapping_takes_other_names_zones_scales_and_an_NCI()
    {
        var report = Import(
            """
            Giờ;Vĩ độ;Kinh độ;Máy;Cell;RSRP;DL Mbps;PLMN
            24/11/2025 23:00:00;21,5;105,5;car-7;2712847316;-80,5;95,5;45204
            24/11/2025 23:00:01;21,5;105,5;car 8;0A1B2C3D4;-80,5;95,5;45204
            24/11/2025 23:00:02;21,5;105,5;car-8;0x0A1B2C3D4;-127;95,5;45204
            """,
            new()
            {
                Topic = "city/bac/hn/mdt/{device}",
                Columns = new Dictionary<string, string> { ["ts"] = "giờ", ["lat"] = "Vĩ độ", ["lon"] = "Kinh độ", ["device"] = "Máy", ["nci"] = "Cell", ["dl"] = "DL Mbps" },
                Scale = new Dictionary<string, double> { ["dl"] = 1000 },
                Zone = TimeSpan.FromHours(7),
                TimeFormat = "dd/MM/yyyy HH:mm:ss",
                Sentinels = [-127],
            });
        Assert.Equal((3, 1), (report.Rows, report.Taken));
        Assert.Equal([("device", "'car 8' is no device name", 1, 3), ("rsrp", "sentinel -127", 1, 4)], report.Fields.OrderBy(f => f.Field, StringComparer.Ordinal));
        var row = Assert.Single(Read());
        Assert.Equal("city/bac/hn/mdt/car-7", row.Topic);
        Assert.Equal((1764000000000, Cell, 95_500, 21.5), (row.Json.GetProperty("ts").GetInt64(), row.Json.GetProperty("ncgi").GetString(), row.Json.GetProperty("dl").GetDouble(), row.Json.GetProperty("lat").GetDouble()));
    }

    [Theory]
    [InlineData("", "the columns")]
    [InlineData("time,lat,lon,level,ncgi\n", "--map rsrp=COLUMN")]
    [InlineData("time,lat,lon,rsrp\n", "--map ncgi=COLUMN")]
    [InlineData("time,lat,lon,rsrp,nci\n", "--plmn 452-04")]
    [InlineData("time,lat,lon,rsrp,ncgi\n1764000000000,\"21,105,-80\n", "Line 2 has a quote that does not end")]
    public void A_log_that_cannot_be_read_is_told_what_is_missing(string csv, string part) =>
        Assert.Contains(part, Assert.Throws<ArgumentException>(() => Import(csv, new())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_mapping_to_a_column_that_is_not_there_names_those_that_are()
    {
        var message = Assert.Throws<ArgumentException>(() => Import("time,lat,lon,level,ncgi\n", new() { Columns = new Dictionary<string, string> { ["rsrp"] = "Levels" } })).Message;
        Assert.Contains("no column 'Levels'", message, StringComparison.Ordinal);
        Assert.Contains("'level'", message, StringComparison.Ordinal);
    }

    private DriveTestReport Import(string csv, DriveTestOptions options)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        using var text = new StreamReader(stream);
        using var writer = new RecordingWriter(_path);
        return new DriveTestImport(options).Run(text, writer);
    }

    private List<(string Topic, JsonElement Json)> Read()
    {
        using var reader = new RecordingReader(_path);
        var rows = new List<(string, JsonElement)>();
        while (reader.Read() is { } m) rows.Add((Encoding.UTF8.GetString(m.Topic.Span), JsonDocument.Parse(m.Payload).RootElement));
        return rows;
    }
}
