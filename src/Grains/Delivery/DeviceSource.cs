namespace SmartCity.Grains;

/// <summary>What a device's grain knows of one gateway that brings it messages.</summary>
internal struct DeviceSource(int gateway)
{
    public readonly int Gateway = gateway;

    /// <summary>Position of the last message that this activation took; −1 before the first.</summary>
    public long Last = -1;

    /// <summary>True while the schedule knows the oldest position of this gateway that the grain holds and no commit has.</summary>
    public bool IsHeld;
}
