using Microsoft.Data.Sqlite;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Storage.Tests;

/// <summary>The upkeep of the store, on a clock of its own: it begins when the store is open, goes on after a failure, and deletes once an hour.</summary>
public sealed class RollupServiceTests : IAsyncLifetime
{
    private const long T0 = Sample.T0;
    private const long Day = 86_400_000;
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(5);

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(T0 + (40 * Day));
    private readonly ListLogger<RollupService> _logger = new();
    private SqliteStore _store = null!;
    private RollupService _service = null!;

    public async ValueTask InitializeAsync()
    {
        var options = _folder.Options();
        (options.BusyTimeout, options.Retention) = (TimeSpan.Zero, new() { WindowDays = 30 });
        _store = new SqliteStore(options);
        _service = new RollupService(_store, _clock, _logger);
        await _service.StartAsync(default); // before the store is open, as a host does it
        await _store.OpenAsync(default);
        await _store.WriteAsync([Sample.Window(startMs: T0, values: [1])], [], default);
        await UntilAsync(() => Task.FromResult(_clock.Waiting > 0), TimeSpan.Zero, "the service to wait for its next turn");
        _clock.Advance(s_turn);
        await UntilAsync(async () => await DaysAsync() == 1, TimeSpan.Zero, "the first day");
    }

    public async ValueTask DisposeAsync()
    {
        await _service.StopAsync(default);
        _service.Dispose();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_goes_on_when_a_store_that_was_away_is_back_and_says_so_once()
    {
        await _store.WriteAsync([Sample.Window(startMs: T0, values: [1, 2])], [], default); // now its rows are marked
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, SqliteDatabase.FileName)};Pooling=false"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var hold = other.CreateCommand();
            hold.CommandText = "BEGIN IMMEDIATE";
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            _clock.Advance(s_turn);
            await UntilAsync(() => Task.FromResult(_logger.Entries.Any(e => e.Id == 3004)), TimeSpan.Zero, "the failure");
            for (var i = 0; i < 5; i++) _clock.Advance(s_turn);
        }

        _clock.Advance(s_turn);
        await UntilAsync(async () => (await RowsAsync()).Single() is { Taken: null, Aggregate.Count: 2 }, TimeSpan.Zero, "the corrected day");
        Assert.Single(_logger.Entries, e => e.Id == 3004);
    }

    [Fact]
    public async Task It_deletes_what_is_too_old_a_quarter_of_an_hour_after_the_start_and_not_before()
    {
        Assert.Single(await _store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue / 2, default));
        await UntilAsync(async () => (await _store.ReadWindowsAsync("d1", "pm25", 0, long.MaxValue / 2, default)).Count == 0, s_turn, "the windows to go");
        Assert.True(_clock.NowMs >= T0 + (40 * Day) + 900_000);
        await UntilAsync(() => Task.FromResult(_logger.Entries.Any(e => e.Id == 3006)), TimeSpan.Zero, "the line that says so");
        Assert.Equal(1, await DaysAsync());
    }

    private Task<IReadOnlyList<RolledWindow>> RowsAsync() => _store.ReadRolledAsync("d1", "pm25", 0, long.MaxValue / 2, TimeTier.Day, new HashSet<long>(), default);

    /// <summary>Rows of days, not merged from windows.</summary>
    private async Task<int> DaysAsync() => (await RowsAsync()).Count(r => r.Taken is null);

    private async Task UntilAsync(Func<Task<bool>> condition, TimeSpan step, string awaited)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"Waited 30 s for: {awaited}.");
            _clock.Advance(step);
            await Task.Yield();
        }
    }
}
