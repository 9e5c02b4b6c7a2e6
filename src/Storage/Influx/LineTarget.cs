namespace SmartCity.Storage;

/// <summary>What lines are of; each may have a retention of its own in InfluxDB. The numbers are stored in the outbox.</summary>
public enum LineTarget
{
    /// <summary>Windows: <c>reading_1m</c>, <c>area_1m</c>.</summary>
    Windows = 0,

    /// <summary>Rows of 15 minutes: <c>reading_15m</c>, <c>area_15m</c>.</summary>
    QuarterHours = 1,

    /// <summary>Rows of an hour: <c>reading_1h</c>, <c>area_1h</c>.</summary>
    Hours = 2,

    /// <summary>Rows of a day of Vietnam: <c>reading_1d</c>, <c>area_1d</c>.</summary>
    Days = 3,

    /// <summary>Readings as they were measured: <c>reading_raw</c>.</summary>
    Raw = 4,
}
