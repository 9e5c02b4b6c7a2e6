using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using SmartCity.Storage.Tests;

namespace SmartCity.Silo.Tests;

/// <summary>A cluster of processes on one database, the load on its gateways, and what must be true of both in the end.</summary>
public sealed class ClusterRig : IAsyncDisposable
{
    /// <summary>Messages of one publisher between two events: some seconds.</summary>
    public const int Some = 1500;

    private const int DevicesPerPublisher = 60;
    private const int PerSecond = 400; // each publisher
    private static readonly string[] s_units = ["bac/hn", "trung/dn", "nam/sg"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly string _database;
    private readonly List<SiloProcess> _processes = [];
    private readonly List<(SiloProcess Gateway, SteadyPublisher Publisher, string[] Devices, string[] Units)> _load = [];
    private readonly Dictionary<string, (long Count, double Sum)> _devices = [];
    private readonly Dictionary<string, (long Count, double Sum)> _areas = [];
    private readonly long _startMs = Api.NowMs;

    private ClusterRig(string database) => _database = database;

    /// <summary>Options of every process.</summary>
    public static string[] Window { get; } = ["--Window:Seconds=5", "--Window:GraceSeconds=0", "--Window:SpreadSeconds=1"];

    /// <summary>What was published, once the load has stopped: pm25 of each device.</summary>
    public IReadOnlyDictionary<string, (long Count, double Sum)> Devices => _devices;

    /// <summary>The same of each area.</summary>
    public IReadOnlyDictionary<string, (long Count, double Sum)> Areas => _areas;

    public static async Task<ClusterRig> CreateAsync(PostgresServer server) => new(await server.NewDatabaseAsync());

    /// <summary>A process of the cluster, ready.</summary>
    public async Task<SiloProcess> StartAsync(string role, params string[] extra)
    {
        var process = await SiloProcess.StartAsync(Options(role, extra));
        _processes.Add(process);
        return process;
    }

    /// <summary>What a process says that cannot start: one line.</summary>
    public async Task<string> RefusedAsync(string role, params string[] extra)
    {
        using var folder = new TempFolder();
        var (code, _, errors) = await SiloProcess.RunToEndAsync([.. Options(role, extra), "--Data=" + folder.Path, $"--Http:Port={Ports.Next()}", $"--Mqtt:Port={Ports.Next()}"]);
        Assert.Equal(1, code);
        return Assert.Single(errors);
    }

    /// <summary>Devices of all three regions that publish through a gateway; <paramref name="shared"/> more do so through every gateway.</summary>
    public SteadyPublisher Publish(SiloProcess gateway, int shared = 0)
    {
        var number = _load.Count;
        string[] devices =
        [
            .. Enumerable.Range(0, DevicesPerPublisher).Select(i => string.Create(CultureInfo.InvariantCulture, $"c{number}-{i}")),
            .. Enumerable.Range(0, shared).Select(i => string.Create(CultureInfo.InvariantCulture, $"shared-{i}")),
        ];
        string[] units = [.. devices.Select((_, i) => s_units[(devices[i].StartsWith('s') ? i - DevicesPerPublisher : i) % s_units.Length])];
        var publisher = new SteadyPublisher(gateway.MqttPort, "load-" + number, [.. devices.Select((d, i) => $"city/{units[i]}/air/{d}")], PerSecond, number);
        _load.Add((gateway, publisher, devices, units));
        return publisher;
    }

    /// <summary>Stops the load; then every acknowledged reading must be in the store once, of every device and in every area, and the ledger must be even.</summary>
    /// <returns>How many messages there were.</returns>
    public async Task<int> AssertExactlyOnceAsync()
    {
        var gateway = _load[0].Gateway;
        var gateways = new Dictionary<string, SiloProcess>(); // a gateway knows its own devices, and others from its start on
        var (messages, resent) = (0, 0);
        foreach (var (through, publisher, names, units) in _load)
        {
            var count = await publisher.StopAsync();
            (messages, resent) = (messages + count, resent + publisher.Resent);
            for (var index = 0; index < count; index++)
            {
                var topic = publisher.TopicOf(index);
                Add(_devices, names[topic], SteadyPublisher.Value(index));
                gateways[names[topic]] = through;
                foreach (var area in (string[])[.. units[topic].Split('/'), "vn"]) Add(_areas, area, SteadyPublisher.Value(index));
            }
        }

        await AssertLedgerAsync(gateway, messages * SteadyPublisher.ReadingsPerMessage, resent * SteadyPublisher.ReadingsPerMessage);
        foreach (var (device, expected) in _devices) await AssertSeriesAsync(gateways[device], $"/api/v1/devices/{device}/series/pm25", device, expected);
        foreach (var (area, expected) in _areas) await AssertSeriesAsync(gateway, $"/api/v1/areas/{area}/series/air/pm25", area, expected);
        return messages;
    }

    /// <summary>Asks for every device at once: each question is answered, or refused with a reason and for now.</summary>
    public async Task AskAboutDevicesAsync(SiloProcess gateway)
    {
        var answers = await Task.WhenAll(_load.SelectMany(l => l.Devices).Select(async device =>
        {
            using var response = await gateway.Http.GetAsync("/api/v1/devices/" + device);
            return (response.StatusCode, Body: await response.Content.ReadAsStringAsync());
        }));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, a.Body));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.OK);
    }

    /// <summary>Waits until a process says that it is not ready; why.</summary>
    public static async Task<string> UnreadyAsync(SiloProcess process)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < s_patience; await timer.WaitForNextTickAsync())
        {
            using var response = await process.Http.GetAsync("/healthz/ready");
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return (await response.Content.ReadFromJsonAsync<JsonElement>()).Text("problem")!;
        }

        throw new TimeoutException($"Not within {s_patience.TotalSeconds} s: a process that is not ready.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, publisher, _, _) in _load) await publisher.DisposeAsync();
        foreach (var process in _processes) await process.DisposeAsync();
    }

    private string[] Options(string role, string[] extra) =>
        ["--Cluster:Mode=AdoNet", "--Cluster:Role=" + role, "--Cluster:ConnectionString=" + _database, .. Window, .. extra];

    private static void Add(Dictionary<string, (long Count, double Sum)> into, string name, double value)
    {
        var known = into.GetValueOrDefault(name);
        into[name] = (known.Count + 1, known.Sum + value);
    }

    private static async Task AssertLedgerAsync(SiloProcess gateway, long readings, long resent)
    {
        var ledger = await gateway.WaitForAsync(
            "/api/v1/ledger",
            l => l.GetProperty("buffered").GetInt64() == 0 && l.GetProperty("balance").GetInt64() == 0 && l.GetProperty("accepted").GetInt64() >= readings,
            $"an even ledger with {readings} readings and nothing buffered",
            s_patience);
        long Of(string name) => ledger.GetProperty(name).GetInt64();
        Assert.Equal(readings, Of("stored") + Of("lateCorrected"));
        Assert.Equal(readings, Of("accepted") - Of("duplicate"));
        Assert.InRange(Of("duplicate"), 0, resent); // none, when nothing was sent twice
        Assert.Empty(ledger.GetProperty("rejected").EnumerateObject());
    }

    private async Task AssertSeriesAsync(SiloProcess gateway, string path, string name, (long Count, double Sum) expected)
    {
        var rows = (await gateway.GetAsync($"{path}?from={Api.Time(_startMs - 60_000)}")).Rows();
        var (count, sum) = (rows.Sum(r => r.GetProperty("count").GetInt64()), rows.Sum(r => r.Number("count") * r.Number("mean")));
        Assert.True(expected.Count == count && Math.Abs(expected.Sum - sum) < 0.01 * expected.Count, $"{name} has {count} readings with sum {sum} instead of {expected.Count} with sum {expected.Sum}.");
    }
}
