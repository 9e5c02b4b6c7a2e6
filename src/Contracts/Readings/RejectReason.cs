namespace SmartCity.Contracts;

/// <summary>Why a message or a reading was not taken. These words appear in the ledger, the dead-letter table and the metrics.</summary>
public static class RejectReason
{
    /// <summary>The topic is not <c>city/{region}/{unit}/{kind}/{device}</c>.</summary>
    public const string BadTopic = "bad-topic";

    /// <summary>The unit code is not in the geography file, or not in that region.</summary>
    public const string UnknownUnit = "unknown-unit";

    /// <summary>The payload is not JSON, or not a flat object or an array of them.</summary>
    public const string BadJson = "bad-json";

    /// <summary>A number is NaN or infinite.</summary>
    public const string NotFinite = "not-finite";

    /// <summary>A field that must be a number is something else.</summary>
    public const string NotNumeric = "not-numeric";

    /// <summary>A value lies outside the valid range of its metric.</summary>
    public const string OutOfRange = "out-of-range";

    /// <summary>A field that the kind requires is missing.</summary>
    public const string MissingField = "missing-field";

    /// <summary>The object has no metric at all.</summary>
    public const string NoMetrics = "no-metrics";

    /// <summary><c>ts</c> is neither Unix milliseconds nor RFC 3339.</summary>
    public const string BadTimestamp = "bad-timestamp";

    /// <summary>The timestamp is so old that its window has been deleted; see <c>Retention:WindowDays</c>.</summary>
    public const string TooOld = "too-old";

    /// <summary>The timestamp is too far ahead of the gateway's clock.</summary>
    public const string FutureTimestamp = "future-timestamp";

    /// <summary>A metric name has characters that are not allowed, is too long, or the device has too many metrics.</summary>
    public const string BadMetric = "bad-metric";

    /// <summary>A field other than a metric (<c>seq</c>, <c>lat</c>, <c>lon</c>, <c>ncgi</c>, a cell's device id) is not what it must be.</summary>
    public const string BadField = "bad-field";

    /// <summary>The registry holds as many devices as it may; see <c>Gateway:MaxDevices</c>.</summary>
    public const string TooManyDevices = "too-many-devices";

    /// <summary>The platform failed on a message that it should have taken; the log has the exception.</summary>
    public const string InternalError = "internal-error";
}
