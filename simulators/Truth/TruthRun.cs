namespace SmartCity.Simulators;

/// <summary>What a run was: the file <c>run.json</c> of a truth, written at its end.</summary>
public sealed record TruthRun
{
    /// <summary>Version of the format.</summary>
    public int Format { get; init; } = 1;

    public required int Seed { get; init; }

    public required int Devices { get; init; }

    /// <summary>Messages a second as sent; null for a network, whose devices send as often as they do.</summary>
    public double? Rate { get; init; }

    public required double Speed { get; init; }

    public required int QoS { get; init; }

    public required IReadOnlyList<string> Regions { get; init; }

    /// <summary>Start of the simulated time.</summary>
    public required DateTimeOffset EventsFrom { get; init; }

    /// <summary>End of the simulated time.</summary>
    public required DateTimeOffset EventsTo { get; init; }

    /// <summary>When the run began, by this machine's clock.</summary>
    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Ended { get; init; }

    /// <summary>Rates by fault name.</summary>
    public required IReadOnlyDictionary<string, double> Faults { get; init; }

    /// <summary>What the scenarios did and when.</summary>
    public required IReadOnlyList<TruthEvent> Scenarios { get; init; }

    /// <summary>What a check of the 5G network must find, and when.</summary>
    public IReadOnlyList<TruthProblem> Problems { get; init; } = [];

    /// <summary>Messages by outcome.</summary>
    public required IReadOnlyDictionary<string, long> Messages { get; init; }

    /// <summary>Messages by cause.</summary>
    public required IReadOnlyDictionary<string, long> Causes { get; init; }

    /// <summary>Messages that were sent more than once because a connection was lost.</summary>
    public required long Resent { get; init; }
}
