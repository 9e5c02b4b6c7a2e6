namespace SmartCity.Contracts;

/// <summary>A window, or windows of a time tier that were merged, of one series.</summary>
/// <param name="StartMs">Start; Unix milliseconds.</param>
/// <param name="Stream">Where the device was; null for an area.</param>
/// <param name="Aggregate">Statistics of its readings; nobody changes it.</param>
/// <param name="Taken">How far a device's window has absorbed the intake log; null for a row of a tier and for an area.</param>
public sealed record RolledWindow(long StartMs, StreamName? Stream, WindowAggregate Aggregate, GatewayPosition? Taken = null)
{
    public static RolledWindow From(DeviceWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return new(window.StartMs, window.Stream, window.Aggregate, new(window.Gateway, window.AppliedThrough));
    }

    public static RolledWindow From(AreaWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return new(window.StartMs, null, window.Aggregate);
    }
}
