using System.Globalization;

namespace SmartCity.Benchmarks;

internal sealed record BenchmarkOptions
{
    public int Messages { get; init; } = 2_000_000;

    public int Devices { get; init; } = 10_000;

    public int Connections { get; init; } = 16;

    public int InFlight { get; init; } = 64;

    public int Metrics { get; init; } = 1;

    /// <summary>How long InfluxDB is away.</summary>
    public int Minutes { get; init; } = 60;

    public static BenchmarkOptions Parse(string[] args)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var value = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
            options = args[i] switch
            {
                "--messages" => options with { Messages = value },
                "--devices" => options with { Devices = value },
                "--connections" => options with { Connections = value },
                "--in-flight" => options with { InFlight = value },
                "--metrics" => options with { Metrics = value },
                "--minutes" => options with { Minutes = value },
                _ => throw new ArgumentException($"'{args[i]}' is no option."),
            };
        }

        return options;
    }
}
