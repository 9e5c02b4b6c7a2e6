namespace SmartCity.Storage;

/// <summary>How the store is set up. Filled from configuration by the host.</summary>
public sealed class StorageOptions
{
    /// <summary>Folder of the data files; created when missing. One process at a time may use it.</summary>
    public string DataFolder { get; set; } = "./data";

    /// <summary>Length of a window, seconds (<c>Window:Seconds</c>).</summary>
    public int WindowSeconds { get; set; } = 60;

    /// <summary>How long after its end a time of 15 minutes is rolled up, seconds. Readings that come later correct it. Default 130: window and lateness have passed.</summary>
    public int SettleSeconds { get; set; } = 130;

    /// <summary>Dead letters kept with their payload; the oldest go first. The ledger's counts stay. Default 100,000.</summary>
    public int MaxDeadLetters { get; set; } = 100_000;

    /// <summary>How long a commit or a read waits for another program that holds the database file, before it fails. Default 5 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long rows are kept.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>Whether readings are kept as they were measured.</summary>
    public RawOptions Raw { get; set; } = new();

    /// <summary>Null, or without a Url: nothing is sent to InfluxDB.</summary>
    public InfluxOptions? Influx { get; set; }

    /// <exception cref="ArgumentException">An option cannot be used; the message names it and says what to write instead.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(DataFolder)) throw new ArgumentException("Data is empty; set it to a folder, for example ./data.");
        if (WindowSeconds is < 1 or > 86_400) throw new ArgumentException($"Window:Seconds is {WindowSeconds}; use 1 to 86400.");
        if (SettleSeconds < 0) throw new ArgumentException($"SettleSeconds is {SettleSeconds}; use 0 or more.");
        if (MaxDeadLetters < 1) throw new ArgumentException($"MaxDeadLetters is {MaxDeadLetters}; use 1 or more.");
        if (BusyTimeout < TimeSpan.Zero || BusyTimeout > TimeSpan.FromMinutes(10))
            throw new ArgumentException($"BusyTimeout is {BusyTimeout}; use 0 to 10 minutes.");
        if (Retention.Validate() is { } problem) throw new ArgumentException(problem);
        if (Raw.Validate() is { } wrong) throw new ArgumentException(wrong);
        if (Raw.InInflux && Influx is not { Enabled: true })
            throw new ArgumentException($"Raw:Store is {Raw.Store}, and there is no InfluxDB; set Influx:Url, such as http://127.0.0.1:8086, or write Raw:Store=Sqlite.");
        Influx?.Validate();
    }
}
