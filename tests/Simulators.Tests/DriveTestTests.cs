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

    [Theory]
    [InlineData("0001-01-01 00:00:00", null, "a time without a date")]
    [InlineData("1980-01-06 00:00:00", null, "no time of 2000 to 2099")]
    [InlineData("9999-12-31 23:59:59", null, "no time of 2000 to 2099")]
    [InlineData("23:59:59", "HH:mm:ss", "a time without a date")]
    public void A_time_of_a_receiver_without_a_fix_is_left_out_and_the_other_rows_stay(string time, string? format, string why)
    {
        var good = format is null ? "2025-11-24 23:00:00" : "";
        var report = Import($"ts,lat,lon,ncgi,rsrp\n{good},21,105,{Cell},-80\n{time},21,105,{Cell},-80\n", new() { Zone = TimeSpan.FromHours(7), TimeFormat = format });
        Assert.Contains(("ts", why, 1, 3), report.Fields);
        Assert.Equal(format is null ? 1 : 0, report.Taken);
    }

    [Theory]
    [InlineData("Tho\u031B\u0300i gian", "V\u0129 \u0111o\u0323\u0302", "\u004D\u0061\u0301\u0079")] // decomposed, as on macOS
    [InlineData("Th\u01A1\u0300i gian", "Vi\u0303 \u0111\u00F4\u0323", "Ma\u0301y")] // marks behind precomposed letters, as in windows-1258
    public void A_header_in_decomposed_Vietnamese_is_the_same_as_one_in_composed(string time, string lat, string device)
    {
        var options = new DriveTestOptions { Columns = new Dictionary<string, string> { ["ts"] = "Thời gian", ["lat"] = "Vĩ độ", ["device"] = "Máy" }, Topic = "city/bac/hn/mdt/{device}" };
        Assert.Equal(1, Import($"{time},{lat},lon,{device},ncgi,rsrp\n1764000000000,21,105,car-7,{Cell},-80\n", options).Taken);
        var turned = options with { Columns = new Dictionary<string, string> { ["ts"] = time, ["lat"] = lat, ["device"] = device } };
        Assert.Equal(1, Import($"Thời gian,Vĩ độ,lon,Máy,ncgi,rsrp\n1764000000000,21,105,car-7,{Cell},-80\n", turned).Taken);
    }

    [Fact]
    public void Quality_rank_speed_and_neighbours_are_taken_too()
    {
        var report = Import(
            $"""
            ts,lat,lon,ncgi,rsrp,WB CQI,Rank Indicator,Speed (km/h),N1 PCI,N1 ARFCN,N1 SS-RSRP (dBm),nbr2_pci,neighbor2_rsrp,n3pci,n3arfcn,n3rsrp
            1764000000000,21,105,{Cell},-80,12,2,10,101,632628,-90,102,-95.5,103,632628,-99
            1764000001000,21,105,{Cell},-80,16,2,10,101,632628,-90,102,-95.5,103,632628,-
            """,
            new() { Scale = new Dictionary<string, double> { ["speed"] = 3.6 } });
        Assert.Equal((2, 2), (report.Rows, report.Taken));
        Assert.Empty(report.UnusedColumns);
        Assert.Equal([("cqi", "outside 0 to 15", 1, 3), ("n3rsrp", "'-'", 1, 3)], report.Fields.OrderBy(f => f.Field, StringComparer.Ordinal));
        Assert.Equal(
            """{"ts":1764000000000,"seq":2,"lat":21,"lon":105,"ncgi":"452-04-0A1B2C3D4","rsrp":-80,"cqi":12,"ri":2,"speed":36,"n1pci":101,"n1arfcn":632628,"n1rsrp":-90,"n2pci":102,"n2rsrp":-95.5,"n3pci":103,"n3arfcn":632628,"n3rsrp":-99}""",
            Read()[0].Json.GetRawText());
    }

    [Fact]
    public void A_log_that_can_be_read_only_once_is_refused()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        Assert.Contains("/dev/stdin is a pipe", Assert.Throws<ArgumentException>(() => LogText.Open(pipe, "/dev/stdin", null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stopped_import_has_the_rows_until_then()
    {
        using var stop = new CancellationTokenSource();
        using var text = new StoppingReader($"ts,lat,lon,ncgi,rsrp\n1764000000000,21,105,{Cell},-80\n1764000001000,21,105,{Cell},-80\n", stop);
        using (var writer = new RecordingWriter(_path)) Assert.Equal(1, new DriveTestImport(new()).Run(text, writer, stop.Token).Taken);
        Assert.Single(Read());
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

    [Fact]
    public void A_mapping_file_reads_a_really_dirty_log_and_names_everything_that_it_leaves_out()
    {
        var options = DriveTestMapping.Parse(
            """
            # Logs of an operator
            columns:
              ts: Thời gian
              lat: GPS Lat
              lon: GPS Lon
              device: Máy
              nci: Cell ID
              rsrp: RSRP#2        # the first is of LTE
              sinr: Serving SINR
              dl: DL
            scale: {dl: 1000}
            sentinels: [-127, 255]
            zone: +07:00
            time-format: dd/MM/yyyy HH:mm:ss
            plmn: 452-04
            topic: city/bac/hn/mdt/{device}
            decimal: comma
            """,
            "operator.yaml");
        var report = Import(
            "\uFEFFsep=,\r\n" + """"
            Thời gian,GPS Lat,GPS Lon,Máy,Cell ID,RSRP,RSRP,"Serving
            SINR",DL,Ghi chú,
            24/11/2025 23:00:00,"21,5","105,5",car-7,2712847316,-70,"-80,5","12,5","95,5","hai
            dòng, và ""dấu""",
            24/11/2025 23:00:01,"21,5","105,5",car-7,2712847316,-70,-127,12,1,,

            24/11/2025 23:00:02,"21,5","105,5",car-7,2712847316,-70,-80,255,,-,
            24/11/2025 23:00:03,21,5,105,5,car-7,2712847316,-70,-80,5,12,1,x
            24/11/2025 23:00:04,"21,5","105,5",car-7,-,,-80
            11/24/2025 23:00:05,"21,5","105,5",car-7,2712847316,-70,-80,1,1,,
            24/11/2025 23:00:06,"21,5","105,5",car-7,2712847316,-70,n/a,1,1,,
            24/11/2025 23:00:07,"21,5","105,5",car-7,2712847316,-70,-90,"1.234,5",1,,
            """".ReplaceLineEndings("\r\n"), options);
        Assert.Equal((8, 3), (report.Rows, report.Taken));
        Assert.Equal(
            [("with more fields than columns", 1, 9), ("without ncgi", 1, 10), ("without rsrp", 2, 6), ("without ts", 1, 11)],
            report.LeftOut.OrderBy(r => r.Why, StringComparer.Ordinal));
        Assert.Equal(
            [("dl", "blank", 1, 8), ("ncgi", "'-'", 1, 10), ("rsrp", "'n/a'", 1, 12), ("rsrp", "sentinel -127", 1, 6), ("sinr", "no number", 1, 13), ("sinr", "sentinel 255", 1, 8), ("ts", "no time", 1, 11)],
            report.Fields.OrderBy(f => f.Field, StringComparer.Ordinal).ThenBy(f => f.Why, StringComparer.Ordinal));
        Assert.Equal(["RSRP", "Ghi chú"], report.UnusedColumns);
        var rows = Read();
        Assert.All(rows, r => Assert.Equal("city/bac/hn/mdt/car-7", r.Topic));
        Assert.Equal(
            """{"ts":1764000000000,"seq":4,"lat":21.5,"lon":105.5,"ncgi":"452-04-0A1B2C3D4","rsrp":-80.5,"sinr":12.5,"dl":95500}""", rows[0].Json.GetRawText());
        Assert.Equal([-80.5, -80, -90], rows.Select(r => r.Json.GetProperty("rsrp").GetDouble()));
    }

    [Theory]
    [InlineData("columns:\n  rsrpp: Level", "x.yaml, line 2: there is no 'rsrpp' here; did you mean 'rsrp'?")]
    [InlineData("colums:\n  rsrp: Level", "x.yaml, line 1: there is no 'colums' here; did you mean 'columns'?")]
    [InlineData("columns:\n  rsrp: [a, b]", "x.yaml, line 2: 'rsrp' must have one value.")]
    [InlineData("zone: Hanoi", "x.yaml, line 1: 'Hanoi' is no zone; write +07:00.")]
    [InlineData("topic: a\nscale: {dl: fast}", "x.yaml, line 2: 'fast' is no factor; write for example 1000.")]
    [InlineData("scale:\n  pci: 10", "x.yaml, line 2: there is no 'pci' here; did you mean")]
    [InlineData("sentinels: -999", "x.yaml, line 1: 'sentinels' must be a list")]
    [InlineData("sentinels: [-999, none]", "x.yaml, line 1: 'sentinels' is 'none'; write a number")]
    [InlineData("plmn: viettel", "x.yaml, line 1: 'viettel' is no PLMN; write country and network, such as 452-04.")]
    [InlineData("delimiter: tabs", "x.yaml, line 1: 'tabs' is no delimiter; write one character, or comma")]
    [InlineData("decimal: x", "x.yaml, line 1: 'x' is no decimal separator; write point or comma.")]
    [InlineData("encoding: viscii-2", "x.yaml, line 1: 'viscii-2' is no encoding; write utf-8, utf-16, windows-1252 or windows-1258.")]
    [InlineData("- rsrp", "x.yaml, line 1: a mapping file has names and values")]
    [InlineData("columns: {", "this is no YAML")]
    public void A_wrong_mapping_file_says_file_line_what_is_wrong_and_what_is_right(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => DriveTestMapping.Parse(yaml, "x.yaml")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_column_of_a_mapping_file_that_the_log_does_not_have_is_told_with_the_line_and_the_nearest_one()
    {
        var options = DriveTestMapping.Parse("zone: +07:00\ncolumns:\n  rsrp: Srv RSPR", "x.yaml");
        Assert.Contains(
            "x.yaml, line 3: rsrp: Srv RSPR: the file has no column 'Srv RSPR'; did you mean 'Srv RSRP'?",
            Assert.Throws<ArgumentException>(() => Import("time,lat,lon,Srv RSRP,ncgi\n", options)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("windows-1258", "windows-1258", null)]
    [InlineData("windows-1258", null, "drive.csv, line 3 is not utf-8: it has the byte 0xD0. Save it as UTF-8, or say what it is: --encoding windows-1258")]
    [InlineData("utf-16", null, null)]
    [InlineData("utf-8", "utf-8", null)]
    public void A_log_in_another_encoding_is_read_when_it_is_named_and_refused_before_anything_is_written_when_it_is_not(string written, string? named, string? expected)
    {
        var encoding = DriveTestValues.Encoding(written);
        using var stream = new MemoryStream([.. encoding.GetPreamble(), .. encoding.GetBytes($"time,lat,lon,rsrp,ncgi,ward\n1764000000000,21,105,-80,{Cell},Hue\n1764000001000,21,105,-80,{Cell},Đông Ba\n")]);
        using var writer = new RecordingWriter(_path);
        DriveTestReport Run()
        {
            using var text = LogText.Open(stream, "drive.csv", named is null ? null : DriveTestValues.Encoding(named));
            return new DriveTestImport(new()).Run(text, writer);
        }

        if (expected is null) Assert.Equal(2, Run().Taken);
        else Assert.Contains(expected, Assert.Throws<ArgumentException>(Run).Message, StringComparison.Ordinal);
        Assert.Equal(expected is null ? 2 : 0, writer.Messages);
    }

    [Fact]
    public void UTF_16_without_a_byte_order_mark_is_named() =>
        Assert.Contains("write --encoding utf-16", Assert.Throws<ArgumentException>(() => Import("t\0i\0m\0e\0,\0l\0a\0t\0", new())).Message, StringComparison.Ordinal);

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

    /// <summary>Presses Ctrl+C when the first row is read.</summary>
    private sealed class StoppingReader(string text, CancellationTokenSource stop) : StringReader(text)
    {
        private int _lines;

        public override int Read()
        {
            var c = base.Read();
            if (c == '\n' && ++_lines == 1) stop.Cancel();
            return c;
        }
    }
}
