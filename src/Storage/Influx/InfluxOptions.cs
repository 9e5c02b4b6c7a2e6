namespace SmartCity.Storage;

/// <summary>Where and how windows are sent to InfluxDB.</summary>
public sealed class InfluxOptions
{
    /// <summary>Base address such as <c>http://127.0.0.1:8086</c>; null or empty: no InfluxDB.</summary>
    public string? Url { get; set; }

    /// <summary>Database of the v1 and v3 API, bucket of the v2 API. Default <c>city</c>.</summary>
    public string Database { get; set; } = "city";

    /// <summary>Sent as <c>Authorization: Token …</c> (v3: <c>Bearer …</c>); <c>user:password</c> on InfluxDB 1.8.</summary>
    public string? Token { get; set; }

    /// <summary>Organisation of the v2 API.</summary>
    public string? Org { get; set; }

    public InfluxApiVersion ApiVersion { get; set; }

    /// <summary>PEM file with the certificates of the authority that signed an https server's certificate; null: the authorities of the system.</summary>
    public string? CaFile { get; set; }

    /// <summary>
    /// Whether series with the step of one window are read from InfluxDB (InfluxQL, <c>/query</c>). Null: when it is written with the v1 API. InfluxDB 2 needs a DBRP mapping of
    /// <see cref="Database"/>; VictoriaMetrics has no InfluxQL.
    /// </summary>
    public bool? ReadHistory { get; set; }

    /// <summary>Whether rows of 15 minutes, hours and days are sent as well, once they are built and when they are corrected. Default true.</summary>
    public bool Tiers { get; set; } = true;

    /// <summary>How long InfluxDB keeps what it is sent.</summary>
    public InfluxRetentionOptions Retention { get; set; } = new();

    /// <summary>Requests under way at once: one for the newest windows, the others for what has waited. Default 2.</summary>
    public int MaxConcurrency { get; set; } = 2;

    /// <summary>
    /// Waiting chunks beyond which all that waits becomes the backlog: it is sent in its order beside the newest windows, which wait for it no longer. Default 64.
    /// </summary>
    public int MaxLiveChunks { get; set; } = 64;

    /// <summary>Longest wait for the answer to one request. Default 10 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>First wait after a failed write; it doubles up to <see cref="MaxRetryDelay"/>. Default 0.5 s.</summary>
    public TimeSpan MinRetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait between two tries; also the longest Retry-After that is honoured. Default 60 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Compressed bytes of unsent chunks at which the outbox stops growing. Beyond it only the starts of windows are remembered, and their
    /// rows are read from the store again when InfluxDB is back: nothing is lost and nothing waits. Default 2 GiB.
    /// </summary>
    public long MaxOutboxBytes { get; set; } = 2L << 30;

    /// <summary>Lines per request. Default 5,000.</summary>
    public int MaxBatchLines { get; set; } = 5_000;

    /// <summary>Uncompressed bytes per request. Default 1 MiB.</summary>
    public int MaxBatchBytes { get; set; } = 1 << 20;

    /// <summary>True when there is an InfluxDB to send to.</summary>
    public bool Enabled => !string.IsNullOrWhiteSpace(Url);

    /// <summary>The API that is used, with <see cref="InfluxApiVersion.Auto"/> resolved.</summary>
    public InfluxApiVersion EffectiveApiVersion => ApiVersion != InfluxApiVersion.Auto ? ApiVersion
        : !string.IsNullOrEmpty(Org) ? InfluxApiVersion.V2
        : Token?.StartsWith("apiv3_", StringComparison.Ordinal) == true ? InfluxApiVersion.V3 : InfluxApiVersion.V1;

    /// <summary><see cref="ReadHistory"/> with its default.</summary>
    public bool ReadsHistory => Enabled && (ReadHistory ?? EffectiveApiVersion == InfluxApiVersion.V1);

    /// <exception cref="ArgumentException">An option cannot be used; the message names it and says what to write instead.</exception>
    public void Validate()
    {
        if (!Enabled) return;
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            throw new ArgumentException($"Influx:Url is '{Url}'; write an http or https address such as http://127.0.0.1:8086.");
        if (Token?.Any(c => c is < ' ' or > '~') == true) // out of a file with Windows line ends, say; a header cannot carry it
            throw new ArgumentException("Influx:Token has a line break or a letter that is not ASCII; write the token alone, in one line.");
        if (string.IsNullOrWhiteSpace(Database)) throw new ArgumentException("Influx:Database is empty; name a database (v1, v3) or a bucket (v2), such as city.");
        if (EffectiveApiVersion == InfluxApiVersion.V2 && string.IsNullOrEmpty(Org))
            throw new ArgumentException("Influx:Org is empty; the v2 API needs the organisation's name.");
        if (Retention.Validate() is { } problem) throw new ArgumentException(problem);
        if (!Enum.IsDefined(ApiVersion)) throw new ArgumentException($"Influx:ApiVersion is {ApiVersion}; use Auto, V1, V2 or V3.");
        if (!string.IsNullOrEmpty(CaFile))
        {
            if (uri.Scheme != Uri.UriSchemeHttps) throw new ArgumentException("Influx:CaFile is for https; write https:// in Influx:Url, or leave the file out.");
            InfluxTls.ReadAuthorities(CaFile);
        }

        if (MaxConcurrency is < 1 or > 64) throw new ArgumentException($"Influx:MaxConcurrency is {MaxConcurrency}; use 1 to 64.");
        if (MaxLiveChunks < 1) throw new ArgumentException($"Influx:MaxLiveChunks is {MaxLiveChunks}; use 1 or more.");
        // .NET reads a bare number as days.
        if (RequestTimeout <= TimeSpan.Zero || RequestTimeout > TimeSpan.FromHours(1)) throw new ArgumentException($"Influx:RequestTimeout is {RequestTimeout}; write hours, minutes and seconds up to one hour, such as 00:00:10.");
        if (MinRetryDelay <= TimeSpan.Zero || MaxRetryDelay < MinRetryDelay || MaxRetryDelay > TimeSpan.FromDays(1))
            throw new ArgumentException("Influx:MinRetryDelay must be more than zero and Influx:MaxRetryDelay between it and one day.");
        if (MaxOutboxBytes < 1) throw new ArgumentException($"Influx:MaxOutboxBytes is {MaxOutboxBytes}; use at least 1.");
        if (MaxBatchLines < 1 || MaxBatchBytes < 1024) throw new ArgumentException("Influx:MaxBatchLines must be 1 or more and Influx:MaxBatchBytes 1024 or more.");
    }
}
