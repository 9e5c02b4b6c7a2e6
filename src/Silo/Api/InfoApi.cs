using System.Reflection;
using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>What a client must know of this installation.</summary>
internal static class InfoApi
{
    // Largest first: what a page shows before anybody chooses.
    private static readonly Operator[] s_operators =
        [new("452-04", "Viettel"), new("452-02", "VinaPhone"), new("452-01", "MobiFone"), new("452-05", "Vietnamobile"), new("452-07", "Gmobile")];

    public static void MapInfo(this IEndpointRouteBuilder api)
    {
        var version = typeof(InfoApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
        api.MapGet("/info", (SiloOptions options, Geography geography) => new Info(
            version, options.Window.Seconds, options.Window.LatenessSeconds, options.Gateway.SilentAfterSeconds, options.MapStyleUrl,
            [.. KindCatalog.All.Select(k => new KindRow(k.Code, k.Name, k.NameEn, k.MainMetric,
                [.. k.Metrics.Select(m => new MetricRow(m.Name, m.Unit, ApiExtensions.Known(m.Min), ApiExtensions.Known(m.Max)))]))],
            geography.Nation, geography.Regions, [.. geography.Units.Select(u => new UnitRow(u.Code, u.Region, u.Name, u.Latitude, u.Longitude))], s_operators))
            .WithName("GetInfo").WithSummary("Version, kinds of devices, geography and operators.");
    }

    internal sealed record Info(
        string Version, int WindowSeconds, int LatenessSeconds, int SilentAfterSeconds, string? MapStyleUrl, IReadOnlyList<KindRow> Kinds,
        NationInfo Nation, IReadOnlyList<RegionInfo> Regions, IReadOnlyList<UnitRow> Units, IReadOnlyList<Operator> Operators);

    internal sealed record KindRow(string Code, string Name, string NameEn, string MainMetric, IReadOnlyList<MetricRow> Metrics);

    internal sealed record MetricRow(string Name, string Unit, double? Min, double? Max);

    internal sealed record UnitRow(string Code, string Region, string Name, double Latitude, double Longitude);

    internal sealed record Operator(string Plmn, string Name);
}
