namespace SmartCity.Gateway;

/// <summary>A device as the gateway keeps it in memory: one object per device, so it is small. Written by the decoding thread only.</summary>
public sealed class DeviceEntry
{
    private const double StepsPerDegree = 1e7;
    private const long HourMs = 3_600_000;

    private int _latitude = int.MinValue;
    private int _longitude = int.MinValue;
    private int _acceptedHour;
    private ClockOffset _clock;

    internal DeviceEntry(string id, IDeviceGrain grain, StreamName stream, long registeredMs)
    {
        Id = id;
        Grain = grain;
        Stream = stream;
        RegisteredMs = registeredMs;
    }

    public string Id { get; }

    /// <summary>Region, unit and kind of its newest message.</summary>
    public StreamName Stream { get; internal set; }

    /// <summary>Unix milliseconds.</summary>
    public long RegisteredMs { get; }

    /// <summary>Arrival of its newest message; Unix milliseconds.</summary>
    public long LastSeenMs { get; internal set; }

    /// <summary>Degrees north; NaN when it never said.</summary>
    public double Latitude
    {
        get => FromFixed(_latitude);
        internal set => _latitude = ToFixed(value);
    }

    /// <summary>Degrees east; NaN when it never said.</summary>
    public double Longitude
    {
        get => FromFixed(_longitude);
        internal set => _longitude = ToFixed(value);
    }

    /// <summary>Newest value of the main metric of its kind; NaN when there is none.</summary>
    public double MainValue { get; internal set; } = double.NaN;

    /// <summary>How far its clock is ahead of the gateway's, as its newest messages let it seem; milliseconds. Null when none told its time.</summary>
    public int? ClockOffsetMs => _clock.Ms;

    /// <summary>True when its newest message told no time, so that its arrival stands in.</summary>
    public bool IsTimeAssumed { get; private set; }

    public IDeviceGrain Grain { get; }

    /// <summary>Position of its newest message that was sent to its grain; −1 when everything before the next one is in the store.</summary>
    internal long LastSent { get; set; } = -1;

    /// <summary>True when the store had it before this process started, or its grain has left the memory since.</summary>
    internal bool WasStored { get; set; }

    /// <summary>True while it waits to be written with a commit.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>Readings accepted since the last commit, for <see cref="AcceptedHourMs"/>.</summary>
    internal int Accepted { get; set; }

    internal long AcceptedHourMs
    {
        get => _acceptedHour * HourMs;
        set => _acceptedHour = (int)(value / HourMs);
    }

    internal void TakeTime(DeviceMessage message)
    {
        IsTimeAssumed = message.EventTimeAssumed;
        if (!IsTimeAssumed) _clock.Add(message.ArrivalMs, message.EventMs);
    }

    // A degree is 10⁷ steps, a step is a centimetre: half the size of a double, and nothing is lost that a receiver can measure.
    private static double FromFixed(int value) => value == int.MinValue ? double.NaN : value / StepsPerDegree;

    private static int ToFixed(double degrees) => double.IsNaN(degrees) ? int.MinValue : (int)Math.Round(degrees * StepsPerDegree);
}
