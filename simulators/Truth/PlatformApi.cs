using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace SmartCity.Simulators;

/// <summary>The questions that an audit asks the platform.</summary>
internal sealed class PlatformApi : IDisposable
{
    private const int MaxParts = 5000;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;

    public PlatformApi(Uri url, string? token, TimeSpan patience, TimeProvider clock)
    {
        // A token out of a file often has the line end with it.
        token = token?.Trim();
        if (token?.Any(c => c is <= ' ' or > '~') == true)
            throw new ArgumentException("The token has a space, a line break or a character that is no ASCII; write the token alone, in one line: --token TOKEN, or SMARTCITY_TOKEN in the environment.");
        _http = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(100) };
        if (token is { Length: > 0 }) _http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        (_patience, _clock) = (patience, clock);
    }

    public void Dispose() => _http.Dispose();

    public Task<Info> InfoAsync(CancellationToken stop) => RequiredAsync<Info>("/api/v1/info", stop);

    /// <summary>The ledger of all devices.</summary>
    public Task<LedgerAnswerRow> LedgerAsync(long fromMs, long toMs, CancellationToken stop) => RequiredAsync<LedgerAnswerRow>($"/api/v1/ledger?{Range(fromMs, toMs)}", stop);

    /// <summary>The ledger by device; only <paramref name="devices"/> when the platform has more than one answer holds.</summary>
    public async Task<Dictionary<string, LedgerAnswerRow>> LedgersAsync(IEnumerable<string> devices, long fromMs, long toMs, CancellationToken stop)
    {
        var list = await RequiredAsync<LedgerList>($"/api/v1/ledger/devices?limit={MaxParts}&{Range(fromMs, toMs)}", stop).ConfigureAwait(false);
        var found = list.Items.ToDictionary(i => i.Device ?? string.Empty, StringComparer.Ordinal);
        if (list.Total <= list.Items.Count) return found;
        foreach (var device in devices.Where(d => d.Length > 0 && !found.ContainsKey(d)).ToList())
            found[device] = await RequiredAsync<LedgerAnswerRow>($"/api/v1/ledger?device={Uri.EscapeDataString(device)}&{Range(fromMs, toMs)}", stop).ConfigureAwait(false);
        return found;
    }

    /// <summary>Rows of a device; none for one that the platform does not know.</summary>
    public async Task<IReadOnlyList<SeriesAnswerRow>> DeviceAsync(string device, string kind, string metric, long stepMs, long fromMs, long toMs, CancellationToken stop) =>
        (await GetAsync<SeriesList>($"/api/v1/devices/{Uri.EscapeDataString(device)}/series/{Uri.EscapeDataString(metric)}?kind={kind}&step={stepMs / 1000}&{Range(fromMs, toMs)}", stop)
            .ConfigureAwait(false))?.Rows ?? [];

    public async Task<IReadOnlyList<SeriesAnswerRow>> AreaAsync(string area, string kind, string metric, long stepMs, long fromMs, long toMs, CancellationToken stop) =>
        (await GetAsync<SeriesList>($"/api/v1/areas/{area}/series/{kind}/{Uri.EscapeDataString(metric)}?step={stepMs / 1000}&{Range(fromMs, toMs)}", stop).ConfigureAwait(false))?.Rows ?? [];

    /// <summary>The latest values of a device by metric; none for one that the platform does not know.</summary>
    public async Task<Dictionary<string, LatestValueRow>> LatestAsync(string device, string kind, CancellationToken stop) =>
        ((await GetAsync<DeviceAnswer>($"/api/v1/devices/{Uri.EscapeDataString(device)}", stop).ConfigureAwait(false))?.Latest ?? [])
            .Where(l => l.Kind == kind).GroupBy(l => l.Metric, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    /// <summary>Samples and median of the base tiles inside a map tile, by the name of the base tile.</summary>
    public async Task<Dictionary<string, (long Samples, double Median)>> CoverageAsync(int z, int x, int y, string metric, string plmn, long fromMs, long toMs, CancellationToken stop) =>
        (await RequiredAsync<CoverageList>($"/api/v1/coverage/tiles/{z}/{x}/{y}?metric={metric}&plmn={plmn}&{Range(fromMs, toMs)}", stop).ConfigureAwait(false))
            .Features.GroupBy(f => f.Properties.Tile, StringComparer.Ordinal).ToDictionary(g => g.Key, g => (g.Sum(f => f.Properties.Samples), g.First().Properties.Median), StringComparer.Ordinal);

    /// <summary>Readings of a device's dead letters by reason; null when there are more than one answer holds.</summary>
    public async Task<Dictionary<string, long>?> DeadLettersAsync(string device, CancellationToken stop)
    {
        const int Most = 1000;
        var letters = (await RequiredAsync<LetterList>($"/api/v1/deadletters?limit={Most}&device={Uri.EscapeDataString(device)}", stop).ConfigureAwait(false)).Items;
        return letters.Count == Most ? null : letters.GroupBy(l => l.Reason).ToDictionary(g => g.Key, g => g.Sum(l => (long)l.Readings));
    }

    private static string Range(long fromMs, long toMs) => $"from={Time(fromMs)}&to={Time(toMs)}";

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<T> RequiredAsync<T>(string path, CancellationToken stop) =>
        await GetAsync<T>(path, stop).ConfigureAwait(false) ?? throw new ArgumentException($"{new Uri(_http.BaseAddress!, path)} answered 404; is --url the platform's?");

    /// <summary>The answer; null for 404. Asks again while the platform is busy (503).</summary>
    private async Task<T?> GetAsync<T>(string path, CancellationToken stop)
    {
        for (var started = _clock.GetTimestamp(); ;)
        {
            try
            {
                using var response = await _http.GetAsync(path, stop).ConfigureAwait(false);
                if (response.IsSuccessStatusCode) return await response.Content.ReadFromJsonAsync<T>(s_json, stop).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.NotFound) return default;
                var body = await response.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
                if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                    throw new ArgumentException($"{_http.BaseAddress} answered {(int)response.StatusCode}; give a token that may read: --token TOKEN.");
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable || _clock.GetElapsedTime(started) > _patience)
                    throw new ArgumentException($"{new Uri(_http.BaseAddress!, path)} answered {(int)response.StatusCode}: {body[..Math.Min(300, body.Length)]}");
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
            {
                throw new ArgumentException($"Nothing answers at {_http.BaseAddress}; start the platform, or write --url http://host:port.");
            }
            catch (JsonException e)
            {
                throw new ArgumentException($"{new Uri(_http.BaseAddress!, path)} gave no answer of the platform's API ({e.Message}); is --url right?");
            }

            await Task.Delay(s_pause, _clock, stop).ConfigureAwait(false);
        }
    }

    /// <param name="LatenessSeconds">Null from a platform that does not say it.</param>
    internal sealed record Info(int WindowSeconds, int? LatenessSeconds);

    internal sealed record LatestValueRow(string Kind, string Metric, DateTimeOffset Time, double Value);

    private sealed record DeviceAnswer(IReadOnlyList<LatestValueRow> Latest);

    private sealed record CoverageList(IReadOnlyList<Square> Features);

    private sealed record Square(SquareProperties Properties);

    private sealed record SquareProperties(string Tile, long Samples, double Median);

    private sealed record SeriesList(IReadOnlyList<SeriesAnswerRow> Rows);

    private sealed record LedgerList(int Total, IReadOnlyList<LedgerAnswerRow> Items);

    private sealed record LetterList(IReadOnlyList<Letter> Items);

    private sealed record Letter(string Reason, int Readings);
}
