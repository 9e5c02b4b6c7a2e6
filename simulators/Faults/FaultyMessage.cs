namespace SmartCity.Simulators;

/// <summary>One message as it leaves, with all that was done to it and what the platform should make of it.</summary>
public sealed class FaultyMessage
{
    /// <summary>Counted from 1 over the run; a copy has a number of its own.</summary>
    public long Number { get; init; }

    /// <summary>Moment (event time) at which it leaves; Unix milliseconds.</summary>
    public long DueMs { get; set; }

    /// <summary>Number of the device in the run.</summary>
    public int Device { get; init; }

    /// <summary>Topic of the device that measured, <c>city/{region}/{unit}/{kind}/{device}</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>Topic it is sent to.</summary>
    public required byte[] Topic { get; set; }

    public required byte[] Payload { get; set; }

    /// <summary><c>ts</c> of the payload; Unix milliseconds.</summary>
    public long EventMs { get; set; }

    /// <summary><c>seq</c> of the payload; a copy has that of its original.</summary>
    public long Sequence { get; init; }

    /// <summary>Where a drive-test message was measured; null for others.</summary>
    public TruthPlace? Place { get; init; }

    public SendRoute Route { get; set; }

    /// <summary>The readings that must be kept.</summary>
    public List<(string Metric, double Value)> Kept { get; set; } = [];

    /// <summary>Readings that must be rejected, by reason.</summary>
    public Dictionary<string, int> Rejected { get; } = [];

    /// <summary>Device of the ledger that has the rejections; empty when the topic names none.</summary>
    public required string LedgerDevice { get; set; }

    /// <summary>What was done to it: fault names, with a detail behind a colon.</summary>
    public List<string> Faults { get; init; } = [];

    /// <summary>True when all connections are cut before it is sent.</summary>
    public bool CutsConnections { get; set; }
}
