using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Reads readings as they were measured.</summary>
internal sealed class InfluxReadingReader(InfluxQuery influx, InfluxOptions options)
{
    /// <exception cref="StoreUnavailableException">InfluxDB cannot be read now.</exception>
    public async Task<ReadingPage> ReadAsync(ReadingQuery query, CancellationToken cancellationToken)
    {
        var (name, place) = (LineProtocol.Sanitize(query.Metric), InfluxPlace.Of(options, LineTarget.Raw));
        var select = $"SELECT {InfluxQl.Identifier(name + "_value")},{InfluxQl.Identifier(name + "_seq")} FROM {InfluxQl.From(place, LineProtocol.RawMeasurement)} WHERE "
            + InfluxQl.Where([("device", query.DeviceId), ("kind", query.Kind)]);
        var readings = new List<StoredReading>();
        var from = Math.Max(query.FromMs, query.After?.EventMs ?? long.MinValue);
        while (readings.Count <= query.Limit)
        {
            var rows = await influx.RunAsync(place.Database, $"{select}time >= {InfluxQl.Time(from)} AND time < {InfluxQl.Time(query.ToMs)} LIMIT {query.Limit + 1}", Row, cancellationToken);
            var isFull = rows.Count > query.Limit;
            if (isFull)
            {
                // The last instant may go on behind the limit, and InfluxDB has no order within an instant.
                from = rows[^1].EventMs;
                rows.RemoveAll(r => r.EventMs == from);
                rows.AddRange(await influx.RunAsync(place.Database, $"{select}time = {InfluxQl.Time(from)}", Row, cancellationToken));
                from++;
            }

            readings.AddRange(rows.Where(r => query.After is not { } after || r.Mark > after));
            if (!isFull) break;
        }

        readings.Sort(static (a, b) => a.Mark.CompareTo(b.Mark));
        return ReadingPage.Of(readings, query.Limit, false);
    }

    private static StoredReading Row(JsonElement values) =>
        new(values[0].GetInt64(), values[2].ValueKind == JsonValueKind.Null ? -1 : (int)(uint)values[2].GetInt64(), InfluxQuery.Number(values[1]));
}
