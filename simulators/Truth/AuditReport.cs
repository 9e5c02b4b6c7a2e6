namespace SmartCity.Simulators;

/// <summary>What an audit found.</summary>
public sealed record AuditReport
{
    /// <summary>Readings that are not explained; 0 when the platform is right. A reading that is missing in its device is counted there, and not again in areas, rollups or ledger.</summary>
    public required long Unexplained { get; init; }

    /// <summary>Differences in all; <see cref="First"/> has the first of them.</summary>
    public required long Differences { get; init; }

    public required IReadOnlyList<Difference> First { get; init; }

    /// <summary>Readings that the truth expects in windows.</summary>
    public required long Readings { get; init; }

    /// <summary>Readings that may be there or not: sent, and never acknowledged. All of a run with QoS 0.</summary>
    public required long Possible { get; init; }

    /// <summary>Rows of which only bounds are known, because more readings than choices can be tried may be in them.</summary>
    public required long LooseRows { get; init; }

    public required long Devices { get; init; }

    /// <summary>Rows of devices that were compared, rollups included.</summary>
    public required long DeviceRows { get; init; }

    public required long AreaRows { get; init; }

    /// <summary>Latest values of devices that were compared.</summary>
    public required long LatestValues { get; init; }

    /// <summary>False when the platform still stored when the audit began: differences may be what it had not come to.</summary>
    public required bool Settled { get; init; }

    /// <summary>Squares of the coverage map that were compared: one for each operator, day, tile and radio quantity.</summary>
    public required long CoverageSquares { get; init; }

    /// <summary>Answers of the truth that no route of the platform shows yet.</summary>
    public IReadOnlyList<string> NotCompared { get; } = ["alarms", "network problems"];

    /// <summary>The ledger over all devices of the truth, as the platform has it.</summary>
    public required IReadOnlyDictionary<string, long> Ledger { get; init; }

    /// <summary>Messages of the truth by cause.</summary>
    public required IReadOnlyDictionary<string, long> Causes { get; init; }

    public required double Seconds { get; init; }
}
