using System.Globalization;

namespace SmartCity.Simulators;

/// <summary>How often each fault happens: a share of messages (0 to 1), of devices for clock skew; none by default.</summary>
public sealed class FaultRates
{
    private static readonly (FaultKind Kind, string Name, double Standard)[] s_all =
    [
        (FaultKind.Duplicate, "duplicate", 0.02), (FaultKind.Reorder, "reorder", 0.02), (FaultKind.Delay, "delay", 0.02), (FaultKind.Loss, "loss", 0.02),
        (FaultKind.ClockSkew, "clock-skew", 0.1), (FaultKind.ClockJump, "clock-jump", 0.002), (FaultKind.Frozen, "frozen", 0.002), (FaultKind.Spike, "spike", 0.01),
        (FaultKind.Malformed, "malformed", 0.02), (FaultKind.Oversized, "oversized", 0.001), (FaultKind.WrongTopic, "wrong-topic", 0.005),
        (FaultKind.StaleCredentials, "stale-credentials", 0.0005), (FaultKind.ReconnectStorm, "reconnect-storm", 0.0002),
    ];

    private readonly double[] _rates = new double[s_all.Length];

    /// <summary>The names, in the order of <see cref="FaultKind"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(f => f.Name)];

    /// <summary>Share of messages or devices, 0 to 1.</summary>
    public double this[FaultKind kind] => _rates[(int)kind];

    public bool Any => _rates.Any(r => r > 0);

    public static string NameOf(FaultKind kind) => s_all[(int)kind].Name;

    /// <summary>Rates that are not zero, as <c>name=rate</c>.</summary>
    public IReadOnlyDictionary<string, double> ToDictionary() => s_all.Where(f => this[f.Kind] > 0).ToDictionary(f => f.Name, f => this[f.Kind]);

    /// <summary>Sets a rate by name; <c>all</c> sets each fault to a rate that suits it.</summary>
    /// <exception cref="ArgumentException">Unknown name, or no share; the message says what to write instead.</exception>
    public void Set(string name, double rate)
    {
        if (name == "all")
        {
            if (!(rate is >= 0 and <= 10)) throw new ArgumentException("--fault all must be 0 to 10, a factor on the standard rates; write all or all=0.5.");
            foreach (var (kind, _, standard) in s_all) _rates[(int)kind] = Math.Min(1, standard * rate);
            return;
        }

        var index = Array.FindIndex(s_all, f => f.Name == name);
        if (index < 0) throw new ArgumentException($"There is no fault '{name}'; did you mean '{Nearest.Of(name, [.. Names, "all"])}'? Known: all, {string.Join(", ", Names)}.");
        if (!(rate is >= 0 and <= 1)) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The rate of fault '{name}' is {rate}; it must be a share from 0 to 1, such as {name}=0.01."));
        _rates[index] = rate;
    }

    /// <summary>Reads <c>name=rate</c> or <c>name</c>, several separated by commas.</summary>
    /// <exception cref="ArgumentException">What is wrong, and what to write instead.</exception>
    public void Parse(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            var name = at < 0 ? part : part[..at];
            var standard = name == "all" ? 1 : s_all.FirstOrDefault(f => f.Name == name).Standard;
            if (at >= 0 && !double.TryParse(part[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out standard))
                throw new ArgumentException($"'{part}' has no number behind '='; write {name}=0.01.");
            Set(name, standard);
        }
    }
}
