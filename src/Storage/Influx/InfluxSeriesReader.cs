using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Reads rows of windows and of time tiers.</summary>
internal sealed class InfluxSeriesReader(InfluxQuery influx, InfluxOptions options)
{
    // The order of SeriesRow's parameters behind the start.
    private static readonly string[] Suffixes = ["_count", "_min", "_max", "_mean", "_stddev", "_first", "_last", "_p50", "_p95", "_p99", "_powermean", "_vectormean", "_increase", "_resets"];

    /// <exception cref="StoreUnavailableException">InfluxDB cannot be read now.</exception>
    public async Task<IReadOnlyList<SeriesRow>> ReadAsync(
        LineTarget target, bool area, (string Key, string Value)[] tags, string metric, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        var (name, place) = (LineProtocol.Sanitize(metric), InfluxPlace.Of(options, target));
        return await influx.RunAsync(
            place.Database,
            $"SELECT {string.Join(',', Suffixes.Select(s => InfluxQl.Identifier(name + s)))} FROM {InfluxQl.From(place, LineProtocol.MeasurementOf(target, area))} WHERE "
            + InfluxQl.Where(tags) + $"time >= {InfluxQl.Time(fromMs)} AND time < {InfluxQl.Time(toMs)}",
            Row,
            cancellationToken);
    }

    private static SeriesRow Row(JsonElement values)
    {
        double At(int column) => InfluxQuery.Number(values[column]);
        long Whole(int column) => values[column].ValueKind == JsonValueKind.Null ? 0 : values[column].GetInt64();
        return new(values[0].GetInt64(), Whole(1), At(2), At(3), At(4), At(5), At(6), At(7), At(8), At(9), At(10), At(11), At(12), At(13), Whole(14));
    }
}
