namespace SmartCity.Contracts;

/// <summary>The readings of one device at one instant: one decoded JSON object of a PUBLISH.</summary>
[GenerateSerializer, Immutable]
public sealed class DeviceMessage
{
    /// <summary>Region, unit and kind, from the topic.</summary>
    [Id(0)] public required StreamName Stream { get; set; }

    /// <summary>Position in the intake log; grows with every record and, within a record that holds an array, with every object.</summary>
    [Id(1)] public long Position { get; set; }

    /// <summary>When the gateway received the message; Unix milliseconds.</summary>
    [Id(2)] public long ArrivalMs { get; set; }

    /// <summary>When the values were measured; Unix milliseconds.</summary>
    [Id(3)] public long EventMs { get; set; }

    /// <summary>True when the payload had no <c>ts</c> and the arrival time stands in for it.</summary>
    [Id(4)] public bool EventTimeAssumed { get; set; }

    /// <summary>The device's own sequence number, if it sent one.</summary>
    [Id(5)] public long? Sequence { get; set; }

    /// <summary>Latitude, degrees north (WGS 84); NaN when the payload had none.</summary>
    [Id(6)] public double Latitude { get; set; } = double.NaN;

    /// <summary>Longitude, degrees east (WGS 84); NaN when the payload had none.</summary>
    [Id(7)] public double Longitude { get; set; } = double.NaN;

    /// <summary>NR cell global identity of an <c>mdt</c> sample (<c>452-04-0A1B2C3D4</c>); null on other kinds.</summary>
    [Id(8)] public string? Ncgi { get; set; }

    /// <summary>The values. Only the first <see cref="Count"/> entries are in use: the array may be pooled.</summary>
    [Id(9)] public required Reading[] Readings { get; set; }

    /// <summary>Number of entries of <see cref="Readings"/> in use.</summary>
    [Id(10)] public int Count { get; set; }

    /// <summary>The gateway whose log <see cref="Position"/> is of; 0 when there is one gateway, in the same process.</summary>
    [Id(11)] public int Gateway { get; set; }

    /// <summary>Position of the device's message before this one from the same gateway; −1 when it is the first since the gateway began to send from what the store has.</summary>
    [Id(12)] public long Previous { get; set; } = -1;
}
