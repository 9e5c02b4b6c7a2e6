using System.Globalization;
using System.Net;
using System.Text.Json;

namespace SmartCity.Silo.Tests;

/// <summary>Each route's answer, and its errors as problem details.</summary>
public sealed class HttpTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private readonly SiloProcess _silo = fixture.Silo;

    public static TheoryData<string, HttpStatusCode, string> Errors => new()
    {
        { "/api/v1/devices?area=atlantis", HttpStatusCode.BadRequest, "GET /api/v1/areas" },
        { "/api/v1/devices?status=asleep", HttpStatusCode.BadRequest, "online or silent" },
        { "/api/v1/devices?clock=slow", HttpStatusCode.BadRequest, "ok, ahead, behind, assumed, unknown" },
        { "/api/v1/ledger/hours?limit=0", HttpStatusCode.BadRequest, "1 to 5000" },
        { "/api/v1/ledger/devices?limit=5001", HttpStatusCode.BadRequest, "1 to 5000" },
        { "/api/v1/devices?limit=0", HttpStatusCode.BadRequest, "1 to 5000" },
        { "/api/v1/devices?limit=5001", HttpStatusCode.BadRequest, "1 to 5000" },
        { "/api/v1/devices?limit=all", HttpStatusCode.BadRequest, "limit" },
        { "/api/v1/devices/nobody", HttpStatusCode.NotFound, "deadletters" },
        { "/api/v1/devices/nobody/series/pm25", HttpStatusCode.NotFound, "nobody" },
        { "/api/v1/areas/atlantis/series/air/pm25", HttpStatusCode.NotFound, "atlantis" },
        { "/api/v1/areas/vn/series/air/pm25?from=yesterday", HttpStatusCode.BadRequest, "RFC 3339" },
        { "/api/v1/areas/vn/series/air/pm25?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", HttpStatusCode.BadRequest, "before" },
        { "/api/v1/areas/vn/series/air/pm25?step=often", HttpStatusCode.BadRequest, "15m" },
        { "/api/v1/areas/vn/series/air/pm25?step=0", HttpStatusCode.BadRequest, "step" },
        { "/api/v1/areas/vn/series/air/pm25?from=1990-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", HttpStatusCode.BadRequest, "larger step" },
        { "/api/v1/ledger?to=never", HttpStatusCode.BadRequest, "RFC 3339" },
        { "/api/v1/deadletters?limit=0", HttpStatusCode.BadRequest, "1 to 1000" },
        { "/api/v1/cells?area=atlantis", HttpStatusCode.BadRequest, "atlantis" },
        { "/api/v1/cells?limit=-1", HttpStatusCode.BadRequest, "limit" },
        { "/api/v1/coverage/tiles/3/8/0", HttpStatusCode.BadRequest, "3/8/0" },
        { "/api/v1/coverage/tiles/23/0/0", HttpStatusCode.BadRequest, "22" },
        { "/api/v1/coverage/tiles/1/0/0?metric=pm25", HttpStatusCode.BadRequest, "rsrp" },
        { "/api/v1/nothing", HttpStatusCode.NotFound, "" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_question_that_cannot_be_answered_gets_problem_details_that_say_what_to_do(string path, HttpStatusCode status, string advice) =>
        Assert.Contains(advice, await _silo.ProblemAsync(path, status), StringComparison.Ordinal);

    [Fact]
    public async Task The_grain_host_tells_what_it_is_doing()
    {
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "insight");
        for (ushort i = 1; i <= 200; i++) await mqtt.SendAsync(RawMqtt.Publish("city/bac/hn/air/insight-1", $$"""{"pm25":{{i}}}""", i));
        for (ushort i = 1; i <= 200; i++) Assert.Equal(i, await mqtt.ReadPubAckAsync());
        // Some time after the PUBACKs the messages are in their grain; one call of 64 is timed.
        var grains = await _silo.WaitForAsync("/api/v1/system/grains", answer => Timed(answer) > 0 && Turns(answer) >= 200, "200 turns and a timed call of IDeviceGrain.Ingest");
        var devices = grains.GetProperty("types").EnumerateArray().Single(t => t.GetProperty("name").GetString() == "DeviceGrain");
        Assert.True(devices.GetProperty("active").GetInt64() > 0);
        Assert.Equal(devices.GetProperty("active").GetInt64(), devices.GetProperty("places").EnumerateArray().Sum(p => p.GetProperty("active").GetInt64()));
        Assert.Equal(Environment.ProcessorCount, grains.GetProperty("shards").GetArrayLength());
        Assert.NotEmpty(grains.GetProperty("hotGrains").EnumerateArray());
        Assert.Equal(JsonValueKind.Array, grains.GetProperty("mailboxes").ValueKind);

        static long Turns(JsonElement answer) => answer.GetProperty("shards").EnumerateArray().Sum(s => s.GetProperty("turns").GetInt64());
        static long Timed(JsonElement answer) => answer.GetProperty("slowestMethods").EnumerateArray()
            .Where(m => m.GetProperty("name").GetString() == "IDeviceGrain.Ingest").Sum(m => m.GetProperty("timed").GetInt64());
    }

    [Fact]
    public async Task A_write_to_a_route_for_reading_is_refused()
    {
        using var response = await _silo.Http.PostAsync("/api/v1/devices", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Devices_come_a_page_at_a_time_in_the_order_of_their_ids_each_once()
    {
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "pages");
        string[] units = ["hd", "qng"];
        for (ushort i = 1; i <= 250; i++) await mqtt.SendAsync(RawMqtt.Publish($"city/{(i % 2 == 0 ? "bac" : "trung")}/{units[i % 2]}/paging/page-{i:D3}", """{"fill":50}""", i));
        for (ushort i = 1; i <= 250; i++) Assert.Equal(i, await mqtt.ReadPubAckAsync());
        await _silo.WaitForAsync("/api/v1/devices?kind=paging&limit=5000", page => page.Items().Count == 250, "250 devices");

        var ids = new List<string>();
        string? after = null;
        do
        {
            var page = await _silo.GetAsync("/api/v1/devices?kind=paging&limit=40" + (after is null ? "" : "&after=" + after));
            ids.AddRange(page.Items().Select(d => d.Text("id")!));
            Assert.True(page.Items().Count <= 40);
            after = page.Text("next");
        }
        while (after is not null);
        Assert.Equal(Enumerable.Range(1, 250).Select(i => $"page-{i:D3}"), ids);

        Assert.Equal(125, (await _silo.GetAsync("/api/v1/devices?kind=paging&area=trung&limit=5000")).Items().Count);
        Assert.Equal(125, (await _silo.GetAsync("/api/v1/devices?kind=paging&area=hd&limit=5000")).Items().Count);
        Assert.Equal(250, (await _silo.GetAsync("/api/v1/devices?kind=paging&area=vn&status=online&limit=5000")).Items().Count);
        Assert.Empty((await _silo.GetAsync("/api/v1/devices?kind=paging&status=silent")).Items());
        Assert.Empty((await _silo.GetAsync("/api/v1/devices?kind=paging&area=hp")).Items());
        Assert.Equal(100, (await _silo.GetAsync("/api/v1/devices?kind=paging")).Items().Count);
    }

    [Fact]
    public async Task The_ledger_by_hour_and_by_device_adds_up_to_the_whole()
    {
        var hour = (Api.NowMs / 3_600_000 * 3_600_000) - (5 * 3_600_000);
        await _silo.PublishAsync("city/nam/sg/energy/parts-1", (hour, "power", 1), (hour + 1000, "power", 2), (hour + 3_600_000, "power", 3));
        await _silo.PublishAsync("city/nam/sg/energy/parts-2", (hour, "power", 1));
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "parts");
        for (ushort i = 1; i <= 3; i++) await mqtt.SendAsync(RawMqtt.Publish("city/nam/sg/energy/parts-2", "{rubbish", i));
        await _silo.LedgerAsync(4, "parts-2");
        await _silo.WaitForAsync("/api/v1/ledger?device=parts-1", l => l.Number("stored") + l.Number("lateCorrected") == 3, "the windows of parts-1");

        var hours = (await _silo.GetAsync("/api/v1/ledger/hours?device=parts-1")).Items();
        Assert.Equal([(hour, 2.0), (hour + 3_600_000, 1)], hours.Select(h => (h.GetProperty("hour").GetDateTimeOffset().ToUnixTimeMilliseconds(), h.Number("accepted"))));
        Assert.All(hours, h => Assert.Equal(0, h.Number("balance")));

        var range = $"?from={Api.Time(hour - 3_600_000)}&limit=5000"; // other tests of this class have more devices than a page holds
        var devices = (await _silo.GetAsync("/api/v1/ledger/devices" + range)).Items();
        var second = devices.Single(d => d.Text("device") == "parts-2");
        Assert.Equal((4.0, 3.0, 0.0), (second.Number("accepted"), second.GetProperty("rejected").Number("bad-json"), second.Number("balance")));
        Assert.True(devices.FindIndex(d => d.Text("device") == "parts-2") < devices.FindIndex(d => d.Text("device") == "parts-1")); // more was rejected
        Assert.Equal("parts-2", Assert.Single((await _silo.GetAsync("/api/v1/ledger/devices" + range + "&device=parts-2")).Items()).Text("device"));
        Assert.Empty((await _silo.GetAsync("/api/v1/ledger/devices?device=parts-none")).Items());
    }

    [Fact]
    public async Task A_device_whose_clock_is_off_or_that_tells_no_time_is_flagged()
    {
        await _silo.PublishAsync("city/nam/sg/energy/clock-ahead", (Api.NowMs + 100_000, "power", 1));
        await _silo.PublishAsync("city/nam/sg/energy/clock-ok", (Api.NowMs - 3_600_000, "power", 1), (Api.NowMs, "power", 2));
        await _silo.PublishAsync("city/nam/sg/energy/clock-behind", (Api.NowMs - 3_600_000, "power", 1));
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "no-time");
        await mqtt.SendAsync(RawMqtt.Publish("city/nam/sg/energy/clock-assumed", """{"power":3}""", 1));
        foreach (var clock in (string[])["ahead", "ok", "behind", "assumed"])
            await _silo.WaitForAsync("/api/v1/devices/clock-" + clock, d => d.Text("clock") == clock, $"the clock to be {clock}");
        Assert.InRange((await _silo.GetAsync("/api/v1/devices/clock-ahead")).Number("clockOffsetSeconds"), 70, 100);
        Assert.Contains((await _silo.GetAsync("/api/v1/devices?clock=ahead&kind=energy")).Items(), d => d.Text("id") == "clock-ahead");
        Assert.DoesNotContain((await _silo.GetAsync("/api/v1/devices?clock=ahead&kind=energy&limit=5000")).Items(), d => d.Text("id") == "clock-ok");
    }

    [Fact]
    public async Task Areas_are_nation_regions_and_units_with_their_devices()
    {
        await _silo.PublishAsync("city/trung/hue/waste/area-1", (Api.NowMs, "fill", 5));
        var areas = (await _silo.WaitForAsync(
            "/api/v1/areas", a => a.Items().Single(i => i.Text("code") == "hue").GetProperty("online").GetInt32() == 1, "a device online in Huế")).Items();
        Assert.Equal(["nation", "region", "region", "region"], areas.Take(4).Select(a => a.Text("level")));
        Assert.Equal(["vn", "bac", "trung", "nam"], areas.Take(4).Select(a => a.Text("code")));
        int Online(Func<JsonElement, bool> which) => areas.Where(which).Sum(a => a.GetProperty("online").GetInt32());
        Assert.Equal(Online(a => a.Text("code") == "trung"), Online(a => a.Text("level") == "unit" && a.Text("parent") == "trung"));
        Assert.Equal(Online(a => a.Text("level") == "nation"), Online(a => a.Text("level") == "unit"));
    }

    [Fact]
    public async Task Drive_tests_become_coverage_squares_that_hold_the_sample_with_the_median()
    {
        const double Latitude = 16.0544, Longitude = 108.2022;
        using var mqtt = await RawMqtt.ConnectAsync(_silo.MqttPort, "drive");
        double[] levels = [-101, -90, -85];
        for (var i = 0; i < levels.Length; i++)
        {
            await mqtt.PublishAsync("city/trung/dn/mdt/drive-1", string.Create(CultureInfo.InvariantCulture,
                $$"""{"ts":{{Api.NowMs - 10_000 + i}},"lat":{{Latitude}},"lon":{{Longitude}},"ncgi":"452-04-0A1B2C3D4","rsrp":{{levels[i]}},"rsrq":-11,"sinr":12}"""));
        }

        const int Zoom = 14;
        var x = (int)Math.Floor((Longitude + 180) / 360 * (1 << Zoom));
        var y = (int)Math.Floor((1 - (Math.Asinh(Math.Tan(Latitude * Math.PI / 180)) / Math.PI)) / 2 * (1 << Zoom));
        var path = $"/api/v1/coverage/tiles/{Zoom}/{x}/{y}";
        var tile = await _silo.WaitForAsync(path + "?plmn=452-04", t => t.GetProperty("features").GetArrayLength() == 1, "a square");
        Assert.Equal("FeatureCollection", tile.Text("type"));
        var feature = tile.GetProperty("features")[0];
        Assert.Equal(3, feature.GetProperty("properties").GetProperty("samples").GetInt32());
        Assert.Equal(-90, feature.GetProperty("properties").Number("median"), 0.5);
        Assert.Equal("Polygon", feature.GetProperty("geometry").Text("type"));
        var ring = feature.GetProperty("geometry").GetProperty("coordinates")[0].EnumerateArray().Select(p => (Lon: p[0].GetDouble(), Lat: p[1].GetDouble())).ToList();
        Assert.Equal(ring[0], ring[^1]);
        Assert.InRange(Longitude, ring.Min(p => p.Lon), ring.Max(p => p.Lon));
        Assert.InRange(Latitude, ring.Min(p => p.Lat), ring.Max(p => p.Lat));

        Assert.Equal(1, (await _silo.GetAsync(path + "?metric=sinr")).GetProperty("features").GetArrayLength());
        Assert.Equal(1, (await _silo.GetAsync("/api/v1/coverage/tiles/0/0/0")).GetProperty("features").GetArrayLength());
        Assert.Equal(0, (await _silo.GetAsync(path + "?plmn=452-01")).GetProperty("features").GetArrayLength()); // unknown, not uncovered
        Assert.Equal(0, (await _silo.GetAsync($"/api/v1/coverage/tiles/{Zoom}/{x + 1}/{y}")).GetProperty("features").GetArrayLength());
    }

    [Fact]
    public async Task Cells_come_with_load_and_users_and_what_is_unknown_is_null()
    {
        await _silo.PublishAsync("city/nam/bd/cell/452-04-0A1B2C3D5", (Api.NowMs, "RRU.PrbTotDl", 61.5));
        await _silo.PublishAsync("city/bac/hp/cell/452-01-0A1B2C3D6", (Api.NowMs, "RRC.ConnMean", 40));
        var cells = (await _silo.WaitForAsync("/api/v1/cells", c => c.Items().Count == 2, "two cells")).Items();
        Assert.Equal(["452-01-0A1B2C3D6", "452-04-0A1B2C3D5"], cells.Select(c => c.Text("ncgi")));
        Assert.Equal(("452-04", 61.5), (cells[1].Text("plmn"), cells[1].Number("prbLoadDl")));
        Assert.Equal(JsonValueKind.Null, cells[1].GetProperty("connectedUsers").ValueKind);
        Assert.Equal(40, cells[0].Number("connectedUsers"));
        Assert.Equal(JsonValueKind.Null, cells[0].GetProperty("prbLoadDl").ValueKind);
        Assert.Equal("452-01-0A1B2C3D6", Assert.Single((await _silo.GetAsync("/api/v1/cells?plmn=452-01")).Items()).Text("ncgi"));
        Assert.Equal("452-04-0A1B2C3D5", Assert.Single((await _silo.GetAsync("/api/v1/cells?area=nam")).Items()).Text("ncgi"));
    }

    [Fact]
    public async Task OpenAPI_names_every_route_with_what_it_answers()
    {
        var document = await _silo.GetAsync("/openapi/v1.json");
        Assert.StartsWith("3.", document.Text("openapi"), StringComparison.Ordinal);
        string[] routes =
        [
            "/api/v1/info", "/api/v1/devices", "/api/v1/devices/{id}", "/api/v1/devices/{id}/series/{metric}", "/api/v1/devices/{id}/readings/{metric}", "/api/v1/areas",
            "/api/v1/areas/{code}/series/{kind}/{metric}", "/api/v1/ledger", "/api/v1/ledger/hours", "/api/v1/ledger/devices", "/api/v1/deadletters", "/api/v1/cells",
            "/api/v1/coverage/tiles/{z}/{x}/{y}", "/api/v1/mappings", "/api/v1/mappings/{id}", "/api/v1/system/grains", "/healthz/live", "/healthz/ready",
        ];
        Assert.Equal(routes.Order(StringComparer.Ordinal), document.GetProperty("paths").EnumerateObject().Select(p => p.Name).Where(p => p is not ("/" or "/api/v1/deadletters/replay")).Order(StringComparer.Ordinal));
        foreach (var route in routes)
        {
            var get = document.GetProperty("paths").GetProperty(route).GetProperty("get");
            Assert.NotEqual(string.Empty, get.Text("summary"));
            Assert.True(get.GetProperty("responses").GetProperty("200").TryGetProperty("content", out _), $"{route} has no schema.");
        }
    }

    [Fact]
    public async Task Health_is_live_and_ready_and_info_names_what_the_installation_knows()
    {
        Assert.Equal("live", (await _silo.GetAsync("/healthz/live")).Text("status"));
        Assert.Equal("ready", (await _silo.GetAsync("/healthz/ready")).Text("status"));
        var info = await _silo.GetAsync("/api/v1/info");
        Assert.Equal(1, info.GetProperty("windowSeconds").GetInt32());
        Assert.Equal(3, info.GetProperty("regions").GetArrayLength());
        Assert.Contains("mdt", info.GetProperty("kinds").EnumerateArray().Select(k => k.Text("code")));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/coverage")]
    [InlineData("/devices/some.device-1")]
    public async Task Pages_of_the_dashboard_are_answered_by_its_index(string path)
    {
        var page = await _silo.Http.GetStringAsync(path);
        var script = page.Split('"').First(part => part.StartsWith("/assets/", StringComparison.Ordinal) && part.EndsWith(".js", StringComparison.Ordinal));
        using var asset = await _silo.Http.GetAsync(script);
        Assert.Equal((HttpStatusCode.OK, "text/javascript"), (asset.StatusCode, asset.Content.Headers.ContentType?.MediaType));
        Assert.True(asset.Headers.CacheControl is { Public: true, MaxAge.TotalDays: 365 });
        using var missing = await _silo.Http.GetAsync("/assets/missing.js");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }
}
