using System.Globalization;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>The options that every process of a cluster must have the same, because they share windows, grains and what is sent to InfluxDB.</summary>
internal static class ClusterSettings
{
    public static IReadOnlyList<SharedSetting> Of(SiloOptions options) =>
    [
        new("Window:Seconds", Text(options.Window.Seconds), IsFixed: true),
        new("Window:LatenessSeconds", Text(options.Window.LatenessSeconds)), // a host that sends again must call the same readings late
        new("Window:GraceSeconds", Text(options.Window.GraceSeconds)),
        new("Window:SpreadSeconds", Text(options.Window.SpreadSeconds)),
        new("Window:Counters", options.Window.Counters), // or windows of one device would differ by where it lives
        new("Window:MaxMetricsPerDevice", Text(options.Window.MaxMetricsPerDevice)), // or one would refuse, after a loss, what another has stored
        new("Cluster:Id", options.Cluster.Id), // two clusters on one store would each take the other's windows for stale
        new("Cluster:ServiceId", options.Cluster.ServiceId),
        new("Influx:Url", options.Influx.Enabled ? new Uri(options.Influx.Url!).GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : string.Empty),
        new("Influx:Database", options.Influx.Enabled ? options.Influx.Database : string.Empty),
        new("Influx:Org", options.Influx.Enabled ? options.Influx.Org ?? string.Empty : string.Empty),
        new("Influx:Retention:Windows", options.Influx.Enabled ? options.Influx.Retention.Windows?.ToString() ?? string.Empty : string.Empty),
        new("Influx:RequestTimeout", options.Influx.Enabled ? options.Influx.RequestTimeout.ToString() : string.Empty), // how long a new sender waits for the one before it
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
