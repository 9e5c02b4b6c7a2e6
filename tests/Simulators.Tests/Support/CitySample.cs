using System.Text;
using System.Text.Json;

namespace SmartCity.Simulators.Tests;

/// <summary>One number of one message of a city.</summary>
internal sealed record CitySample(string Unit, string Kind, string Device, string Metric, DayTime Time, double Value, string? OffBecause, double Latitude, double Longitude)
{
    /// <summary>All numbers of a city from a start on, sent or not.</summary>
    public static IEnumerable<CitySample> Of(CityOptions options, DateTimeOffset start, TimeSpan length, string? kind = null)
    {
        var startMs = start.ToUnixTimeMilliseconds();
        using var traffic = new CityTraffic(options, startMs);
        while (traffic.TryNext(startMs + (long)length.TotalMilliseconds - 1))
        {
            var topic = Encoding.UTF8.GetString(traffic.Topic.Span).Split('/');
            if (kind is not null && topic[3] != kind) continue;
            using var json = JsonDocument.Parse(traffic.Payload);
            var (latitude, longitude) = (json.RootElement.GetProperty("lat").GetDouble(), json.RootElement.GetProperty("lon").GetDouble());
            foreach (var field in json.RootElement.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.Number && field.Name is not ("ts" or "lat" or "lon"))
                    yield return new(topic[2], topic[3], topic[4], field.Name, new(traffic.MeasuredMs), field.Value.GetDouble(), traffic.OffBecause, latitude, longitude);
            }
        }
    }

    /// <summary>Place code in the name of a fixed sensor.</summary>
    public string Place => Device.Split('-')[1];
}
