using System.Globalization;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>Runs a city with its progress on the error stream.</summary>
internal static class CityTask
{
    /// <summary>In real time, leaving out what falls into a time without a broker.</summary>
    public static async Task<CitySummary> RunAsync(CitySimulation city, CityOptions options, MqttClientOptions client, CancellationToken stop)
    {
        Announce($"Simulating {options.Devices} devices at {client.Host}:{client.Port}. Ctrl+C ends.");
        var (meter, started) = (new RateMeter(), TimeProvider.System.GetTimestamp());
        await ProgressLine.OfConsole.ShowAsync(city.RunAsync(client, stop), since =>
        {
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            var part = options.Duration is { } length ? elapsed / length : 0;
            return $"{ProgressLine.Eta(elapsed, part)}{meter.Next(city.Sent, since):N0} msg/s, {city.Sent:N0} sent, {city.Acknowledged:N0} acknowledged, {city.Refused:N0} refused, {city.Skipped:N0} left out";
        }).ConfigureAwait(false);
        return new()
        {
            Sent = city.Sent,
            Acknowledged = options.QoS == MqttQoS.AtMostOnce ? null : city.Acknowledged,
            Refused = city.Refused,
            LeftOut = city.Skipped,
            Unanswered = options.QoS == MqttQoS.AtMostOnce ? null : city.Sent - city.Acknowledged - city.Refused,
            Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            Stopped = stop.IsCancellationRequested,
        };
    }

    /// <summary>With every message accounted for.</summary>
    public static async Task<CitySummary> RunAsync(CityRun city, CityOptions cityOptions, CityRunOptions options, MqttClientOptions client, CancellationToken stop)
    {
        Announce($"Simulating a city at {client.Host}:{client.Port}, from {Text(city.FromMs)}{(city.ToMs == long.MaxValue ? "" : $" to {Text(city.ToMs)}")}, {options.Speed.ToString(CultureInfo.InvariantCulture)} times as fast as the clock. Ctrl+C ends.");
        var (meter, started, progress) = (new RateMeter(), TimeProvider.System.GetTimestamp(), city.Progress);
        await ProgressLine.OfConsole.ShowAsync(city.RunAsync(client, stop), since =>
        {
            var part = city.ToMs == long.MaxValue ? 0 : (double)(progress.SimulatedMs - city.FromMs) / (city.ToMs - city.FromMs);
            return ProgressLine.Eta(TimeProvider.System.GetElapsedTime(started), part) + $"{Text(progress.SimulatedMs)}, {meter.Next(progress.Made, since):N0} msg/s, {progress.Made:N0} measured, {progress.Acknowledged:N0} acknowledged, {progress.Lost:N0} never sent, {progress.Refused:N0} refused, {progress.Unknown:N0} without an answer";
        }).ConfigureAwait(false);
        return new()
        {
            Sent = progress.Acknowledged + progress.Refused + progress.Unknown,
            Acknowledged = cityOptions.QoS == MqttQoS.AtMostOnce ? null : progress.Acknowledged,
            Refused = progress.Refused,
            Resent = progress.Resent,
            NeverSent = progress.Lost,
            Unanswered = cityOptions.QoS == MqttQoS.AtMostOnce ? null : progress.Unknown,
            Seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            Truth = options.Truth,
            Stopped = stop.IsCancellationRequested,
        };
    }

    private static void Announce(string text) => Console.Error.WriteLine(text);

    private static string Text(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
