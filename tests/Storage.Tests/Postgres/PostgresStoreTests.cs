using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What a store that several processes write to must do beyond the conformance suite.</summary>
public sealed class PostgresStoreTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private const long T0 = Sample.T0;
    private string _database = string.Empty;
    private PostgresStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await server.NewDatabaseAsync();
        _store = new(new() { ConnectionString = _database, GatewayName = "g1" });
        await _store.OpenAsync(default);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Each_gateway_has_marks_of_its_own_and_keeps_its_number()
    {
        await using var other = new PostgresStore(new() { ConnectionString = _database, GatewayName = "g2" });
        Assert.Equal(new StoreMarks(-1, -1), await other.OpenAsync(default));
        Assert.NotEqual(_store.GatewayNumber, other.GatewayNumber);
        await _store.CommitAsync(new() { Checkpoint = 41, AcceptedThrough = 50 }, default);
        await other.CommitAsync(new() { Checkpoint = 7 }, default);
        var number = _store.GatewayNumber;
        await _store.DisposeAsync();
        _store = new(new() { ConnectionString = _database, GatewayName = "g1" });
        Assert.Equal(new StoreMarks(41, 50), await _store.OpenAsync(default));
        Assert.Equal(number, _store.GatewayNumber);
    }

    [Fact]
    public async Task A_second_process_with_the_name_of_a_gateway_is_refused()
    {
        await using var copy = new PostgresStore(new() { ConnectionString = _database, GatewayName = "g1" });
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => copy.OpenAsync(default));
        Assert.Contains("at work already", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 17)] // 16 and the one that says that the process is there
    [InlineData(";Maximum Pool Size=3", 4)]
    public async Task A_process_takes_no_more_connections_than_it_may(string option, int most)
    {
        await using (var store = new PostgresStore(new() { ConnectionString = _database.Split(";Maximum")[0] + ";Application Name=crowd" + option }))
        {
            await store.OpenAsync(default);
            await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => store.ReadWindowsAsync($"d{i}", "pm25", 0, 1, default))));
            Assert.InRange(await server.SessionsAsync("crowd"), 2, most);
        }
    }

    [Fact]
    public async Task A_window_comes_back_with_its_full_state()
    {
        var window = Sample.Window(late: 1, duplicates: 4, appliedThrough: long.MaxValue, revision: 3, seen: [9, 8, 7]);
        var several = new DeviceWindow
        {
            DeviceId = "d2",
            Stream = Sample.Air,
            Metric = "pm25",
            StartMs = T0,
            Aggregate = Sample.Aggregate(T0, 1),
            Gateway = 3,
            AppliedThrough = 9,
            Others = [new(1, 4096), new(7, long.MaxValue)],
            Revision = 1,
            Seen = [1],
        };
        await _store.CommitAsync(new() { Windows = { window, several } }, default);
        Assert.Equivalent(window, await _store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0)), strict: true);
        Assert.Equivalent(several, await _store.LoadWindowAsync(new("d2", Sample.Air, "pm25", T0)), strict: true);
        Assert.Null(await _store.LoadWindowAsync(new("d1", Sample.Air with { Unit = "hp" }, "pm25", T0)));
    }

    [Fact]
    public async Task A_commit_that_comes_again_changes_nothing()
    {
        StoreCommit Commit() => new()
        {
            Origin = new("w", 1),
            Windows = { Sample.Window() },
            Accepted = { new("d1", T0, 3) },
            AreaDeltas = { Sample.Area(values: [1, 2]) },
            DeadLetters = { Sample.Dead(1) },
        };
        await _store.CommitAsync(Commit(), default);
        await _store.CommitAsync(Commit(), default);
        var row = Assert.Single(await _store.ReadLedgerAsync(0, long.MaxValue, "d1", default));
        Assert.Equal((3L, 3L, 1L), (row.Accepted, row.Stored, row.Rejected[RejectReason.BadJson]));
        Assert.Equal(2, (await _store.LoadAreaWindowAsync("hn", "air", "pm25", T0))!.Aggregate.Count);
    }

    [Fact]
    public async Task A_window_made_from_another_than_the_stored_one_is_refused_with_the_whole_commit()
    {
        await _store.CommitAsync(new() { Origin = new("a", 1), Windows = { Sample.Window(values: [1]) } }, default);
        var stale = await Assert.ThrowsAsync<StaleWindowsException>(() => _store.CommitAsync(
            new() { Origin = new("b", 1), Windows = { Sample.Window(values: [2]), Sample.Window(device: "d2") }, Latest = { ("d2", new("air", "pm25", T0, 1)) } }, default));
        Assert.Equal(["d1"], stale.Devices);
        Assert.Empty(await _store.LoadLatestAsync("d2"));
        Assert.Null(await _store.LoadWindowAsync(new("d2", Sample.Air, "pm25", T0)));
        await _store.CommitAsync(new() { Origin = new("b", 1), Windows = { Sample.Window(values: [1, 2], revision: 2), Sample.Window(values: [1, 2, 3], revision: 3) } }, default);
        Assert.Equal(3, (await _store.LoadWindowAsync(new("d1", Sample.Air, "pm25", T0)))!.Aggregate.Count);
        Assert.Equal(3, Assert.Single(await _store.ReadLedgerAsync(0, long.MaxValue, "d1", default)).Stored);
    }

    [Fact]
    public async Task A_process_that_stands_still_in_the_middle_of_a_commit_holds_up_the_others_for_seconds_only()
    {
        await server.AskAsync(_database, """
            CREATE TABLE seen(value text);
            CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.seen VALUES (current_setting('idle_in_transaction_session_timeout')); RETURN NULL; END$$;
            CREATE TRIGGER look AFTER INSERT ON smartcity.device_window EXECUTE FUNCTION public.look()
            """);
        await _store.CommitAsync(new() { Windows = { Sample.Window() } }, default);
        Assert.Equal("15s", await server.AskAsync(_database, "SELECT value FROM public.seen")); // the server ends a transaction that hears nothing for so long
    }

    [Theory]
    [InlineData("25P03", true)] // idle in transaction for too long
    [InlineData("25006", true)] // read-only, as a standby is
    [InlineData("57014", true)] // cancelled
    [InlineData("23514", false)] // a check that failed: ours
    public async Task What_the_server_refuses_for_now_is_told_from_what_is_wrong(string code, bool forNow)
    {
        await server.AskAsync(_database, $"""
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END$$;
            CREATE TRIGGER fail BEFORE INSERT ON smartcity.device_window EXECUTE FUNCTION public.fail()
            """);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => _store.CommitAsync(new() { Windows = { Sample.Window() } }, default));
        Assert.Equal(forNow, error is StoreUnavailableException);
        await server.AskAsync(_database, "DROP TRIGGER fail ON smartcity.device_window");
        await _store.CommitAsync(new() { Windows = { Sample.Window() } }, default);
    }

    [Fact]
    public async Task What_many_processes_add_to_one_area_and_tile_is_all_there()
    {
        const int Writers = 4, Commits = 25;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            await using var store = new PostgresStore(new() { ConnectionString = _database });
            for (var i = 1; i <= Commits; i++)
            {
                var histogram = new GridHistogram();
                histogram.Add(3);
                await store.CommitAsync(new()
                {
                    Origin = new($"w{w}", i),
                    Windows = { Sample.Window(device: $"d{w}", startMs: T0 + (i * 60_000L)) },
                    AreaDeltas = { Sample.Area(values: [i]), Sample.Area(area: "vn", values: [i]) },
                    TileDeltas = { new() { Plmn = "452-04", DayMs = T0, Tile = new(17, 1, 1), Metric = "rsrp", Histogram = histogram, AppliedThrough = i } },
                    Accepted = { new("all", T0, 1) },
                }, default);
            }
        })));
        var area = await _store.LoadAreaWindowAsync("vn", "air", "pm25", T0);
        Assert.Equal((Writers * Commits, Writers * Commits * (Commits + 1) / 2.0), ((int)area!.Aggregate.Count, area.Aggregate.Sum));
        Assert.Equal(Writers * Commits, (await _store.LoadTileAsync("452-04", T0, new(17, 1, 1), "rsrp"))!.Histogram.Count);
        Assert.Equal(Writers * Commits, Assert.Single(await _store.ReadLedgerAsync(0, long.MaxValue, "all", default)).Accepted);
    }

    [Fact]
    public async Task The_ledger_devices_latest_values_and_dead_letters_read_back()
    {
        var far = new DeviceRecord { Id = "b", Stream = Sample.Air, RegisteredMs = 5, LastSeenMs = 6 };
        var near = new DeviceRecord { Id = "a:1._-Z", Stream = Sample.Air, RegisteredMs = 7, LastSeenMs = 8, Latitude = 21.03, Longitude = 105.85 };
        await _store.CommitAsync(new()
        {
            Windows = { Sample.Window(values: [1, 2, 3, 4], late: 1, duplicates: 2) },
            Devices = { far, near },
            Latest = { ("d1", new("air", "pm25", T0, 1)), ("d1", new("air", "pm25", T0 - 1, 2)), ("d1", new("air", "temp", T0, 31)) },
            DeadLetters = { Sample.Dead(1), Sample.Dead(1, 1, reason: RejectReason.OutOfRange, readings: 3), Sample.Dead(2) with { Gateway = 5, Detail = "a\0b" } },
            Accepted = { new("d1", T0, 6), new("d1", T0 + 1, 2) },
        }, default);
        Assert.Equal([near, far], await _store.ListDevicesAsync(default));
        Assert.Equal([new("air", "pm25", T0, 1), new LatestValue("air", "temp", T0, 31)], await _store.LoadLatestAsync("d1"));
        var row = Assert.Single(await _store.ReadLedgerAsync(T0, T0 + 1, null, default));
        Assert.Equal((8, 3, 2, 1), (row.Accepted, row.Stored, row.Duplicate, row.LateCorrected));
        Assert.Equal(new Dictionary<string, long> { [RejectReason.BadJson] = 2, [RejectReason.OutOfRange] = 3 }, row.Rejected);
        Assert.Equal(3, (await _store.ReadDeadLettersAsync("d1", 10, default)).Count);
        Assert.Equal([0x7B, 0, 0xFF], (await _store.ReadDeadLettersAsync(null, 1, default))[0].Payload);
        Assert.Equal([(2L, 0)], (await _store.ReadWaitingDeadLettersAsync("d1", RejectReason.BadJson, 1, default)).Select(l => (l.Position, l.Ordinal))); // newest first
        await _store.MarkReplayedAsync([Sample.Dead(1, 1), Sample.Dead(2) with { Gateway = 5 }, Sample.Dead(99)], T0 + 5, default);
        Assert.Equal([(1L, 0, T0 + 5), (1, 1, T0 + 5), (2, 0, T0 + 5)], (await _store.ReadDeadLettersAsync("d1", 10, default)).Select(l => (l.Position, l.Ordinal, l.ReplayedMs)).Order());
        Assert.Empty(await _store.ReadWaitingDeadLettersAsync(null, null, 10, default));
    }
}
