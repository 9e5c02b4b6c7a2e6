using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using SmartCity.Contracts;
using SmartCity.Gateway;
using SmartCity.Storage;
using SmartCity.Tests;

namespace SmartCity.Grains.Tests;

/// <summary>Intake log, pump, grains and a real store in a temporary folder, on a clock of its own. Crashes and starts again on demand.</summary>
internal sealed class CityRig : IDisposable
{
    public const long T0 = 1_764_000_000_000; // 2025-11-24T16:00:00Z, an hour before midnight in Vietnam
    public const long MinuteMs = 60_000;
    private const long HourMs = 3_600_000;

    private readonly TempFolder _folder = new();
    private IHost? _host;
    private long _appended;

    public FakeTimeProvider Clock { get; } = new(T0);

    public WindowOptions Window { get; } = new();

    public GatewayOptions Gateway { get; } = new() { Partitions = TestGrainHost.Partitions };

    public IntakeOptions Intake { get; } = new() { SegmentBytes = 64 << 10, Batches = 64 };

    public FaultyStore Store { get; private set; } = null!;

    public WindowCloser Closer => _host!.Services.GetRequiredService<WindowCloser>();

    public WindowSchedule Schedule => _host!.Services.GetRequiredService<WindowSchedule>();

    public IngestPump Pump => _host!.Services.GetRequiredService<IngestPump>();

    public IServiceProvider Services => _host!.Services;

    public IGrainFactory Grains => _host!.Services.GetRequiredService<IGrainFactory>();

    public ListFeed Feed { get; private set; } = new();

    public static async Task<CityRig> StartedAsync(Action<CityRig>? configure = null)
    {
        var rig = new CityRig();
        configure?.Invoke(rig);
        await rig.StartAsync();
        return rig;
    }

    public async Task StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        TestGrainHost.Add(builder);
        var grainHost = builder.Services.Where(s => s.ServiceType == typeof(IHostedService)).ToHashSet();
        Intake.Folder = Path.Combine(_folder.Path, "intake");
        Feed = new();
        builder.Services
            .AddLogging()
            .AddSingleton(TestGrainHost.ClockOf(Clock))
            .AddSingleton<ILiveFeed>(Feed)
            .AddSingleton(new SqliteStore(new StorageOptions { DataFolder = Path.Combine(_folder.Path, "store"), WindowSeconds = Window.Seconds, Raw = new() { Store = Window.ReadingsPerBlock > 0 ? RawStore.Sqlite : RawStore.None } }))
            .AddSingleton<ITelemetryStore>(services => new FaultyStore(services.GetRequiredService<SqliteStore>()))
            .AddSmartCityGateway(Gateway, Intake, Window.Seconds)
            .AddSmartCityGrains(Window);
        // Gateway and closer are driven by the test; only the grain host runs by itself.
        foreach (var service in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && !grainHost.Contains(s)).ToList()) builder.Services.Remove(service);
        _host = builder.Build();
        await _host.StartAsync();
        Store = (FaultyStore)_host.Services.GetRequiredService<ITelemetryStore>();
        var marks = await Store.OpenAsync(default);
        _host.Services.GetRequiredService<IntakeLog>().Open(LogPosition.SequenceThrough(marks.Checkpoint));
        Pump.Start(marks, await Store.ListDevicesAsync(default));
    }

    /// <summary>Everything that is only in memory is gone; what the log had made durable and what the store had committed stay.</summary>
    public void Crash()
    {
        Pump.Dispose();
        _host!.Services.GetRequiredService<IntakeLog>().Dispose();
        _host.Services.GetRequiredService<SqliteStore>().Dispose();
        TestGrainHost.Kill(_host);
        _host = null;
    }

    public async Task RestartAsync()
    {
        Crash();
        await StartAsync();
    }

    /// <summary>Publishes a message and waits for its acknowledgement.</summary>
    /// <returns>Its sequence.</returns>
    public async Task<long> PublishAsync(string topic, string payload)
    {
        var log = _host!.Services.GetRequiredService<IntakeLog>();
        var sequence = log.Append(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload));
        await Eventually.Within(log.WhenDurableAsync(sequence).AsTask(), "an acknowledgement");
        return _appended = sequence;
    }

    public Task<long> PublishAsync(string topic, long eventMs, double value, string metric = "pm25", long? seq = null) => PublishAsync(topic, string.Create(
        CultureInfo.InvariantCulture, $"{{\"ts\":{eventMs},{(seq is null ? "" : $"\"seq\":{seq},")}\"{metric}\":{value}}}"));

    /// <summary>Waits until every published message is in its grain.</summary>
    public Task SettleAsync() => Eventually.IsTrue(() => Pump.AppliedThrough >= LogPosition.Through(_appended), $"record {_appended} to be in its grain");

    public async Task<bool> TickAsync(double afterSeconds = 0)
    {
        if (afterSeconds > 0) Clock.Advance(TimeSpan.FromSeconds(afterSeconds));
        return await Closer.TickAsync(default);
    }

    /// <summary>Lets all windows close and become durable.</summary>
    public async Task DrainAsync()
    {
        await SettleAsync();
        for (var tick = 0; tick < 1000; tick++)
        {
            var done = await TickAsync(afterSeconds: 20);
            if (done && Schedule.ScheduledDevices().Count == 0 && tick > 40) return; // accepted counts of many devices may wait for thirty ticks
        }

        throw new TimeoutException("Waited 1000 ticks for every window to be stored.");
    }

    /// <summary>Accepted minus everything else, by device and hour: all zero when the ledger balances.</summary>
    public Task<Dictionary<(string Device, long HourMs), long>> ImbalancesAsync() =>
        Closer.BetweenTicksAsync(() => Pump.WhileIdleAsync(SumAsync, default), default);

    private async Task<Dictionary<(string, long), long>> SumAsync(IngestLedger pending)
    {
        var sums = new Dictionary<(string, long), long>();
        void Add(string device, long ms, long n) => sums[(device, ms - (ms % HourMs))] = sums.GetValueOrDefault((device, ms - (ms % HourMs))) + n;
        foreach (var row in await Store.ReadLedgerAsync(0, long.MaxValue, null, default))
            Add(row.DeviceId, row.HourMs, row.Accepted - row.Stored - row.Duplicate - row.LateCorrected - row.Rejected.Values.Sum());
        foreach (var accepted in pending.PendingAccepted) Add(accepted.DeviceId, accepted.HourMs, accepted.Readings);
        foreach (var letter in pending.PendingDeadLetters.Concat(Closer.PendingDeadLetters)) Add(letter.DeviceId, letter.CountedMs ?? letter.ArrivalMs, -letter.Readings);
        foreach (var device in Pump.Devices.All.ToArray())
        {
            foreach (var count in await device.Grain.GetBuffered()) Add(device.Id, count.HourMs, -count.Readings);
        }

        return sums.Where(s => s.Value != 0).ToDictionary();
    }

    public void Dispose()
    {
        if (_host is not null) Crash();
        _folder.Dispose();
    }
}
