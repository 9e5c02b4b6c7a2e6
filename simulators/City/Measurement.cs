using System.Buffers;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>One message under construction: a flat JSON object. Values are kept within the range that the catalogue gives for the metric.</summary>
public sealed class Measurement : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private readonly Utf8JsonWriter _json;
    private KindInfo? _kind;
    private Dictionary<string, double>? _still;
    private IReadOnlyList<string>? _stillMetrics;
    private Calibration? _calibration;

    public Measurement() => _json = new(_buffer);

    /// <summary>The moment of measurement.</summary>
    public DayTime Time { get; private set; }

    /// <summary>The finished JSON; valid until the next <see cref="Begin"/>.</summary>
    public ReadOnlyMemory<byte> Json => _buffer.WrittenMemory;

    /// <summary>True while the grid gives the device nothing; what it measures is not sent.</summary>
    internal bool IsWithoutPower { get; private set; }

    /// <summary>Why the device cannot send the message, as the truth has it; null when it can.</summary>
    internal string? NotSentBecause { get; set; }

    /// <summary>Writes a metric as the sensor shows it: with the drift of the device, rounded, and clamped into its valid range.</summary>
    public void Value(string metric, double value, int decimals = 1)
    {
        if (_calibration is not null) value = _calibration.Apply(metric, value);
        if (_kind?.FindMetric(metric) is { } info) value = Math.Clamp(value, info.Min, info.Max);
        value = Math.Round(value, decimals);
        if (_still is not null && (_stillMetrics is not { Count: > 0 } || _stillMetrics.Contains(metric)) && !_still.TryAdd(metric, value)) value = _still[metric];
        _json.WriteNumber(metric, value);
    }

    /// <summary>Writes a text field.</summary>
    public void Text(string field, string value) => _json.WriteString(field, value);

    /// <summary>Writes <c>lat</c> and <c>lon</c>, degrees.</summary>
    public void Position(double latitude, double longitude)
    {
        _json.WriteNumber("lat", Math.Round(latitude, 6));
        _json.WriteNumber("lon", Math.Round(longitude, 6));
    }

    public void Dispose() => _json.Dispose();

    /// <param name="still">Values of metrics that stand still, filled by the first message; null: none do.</param>
    /// <param name="stillMetrics">Metrics that stand still; empty or null: all.</param>
    /// <param name="isWithoutPower">True while the device has no electricity from the grid.</param>
    internal void Begin(string kind, long unixMs, Dictionary<string, double>? still = null, IReadOnlyList<string>? stillMetrics = null, bool isWithoutPower = false)
    {
        (_calibration, NotSentBecause, IsWithoutPower) = (null, null, isWithoutPower);
        (_still, _stillMetrics) = (still, stillMetrics);
        _kind = KindCatalog.Find(kind);
        Time = new(unixMs);
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("ts", unixMs);
    }

    /// <summary>From here on, values stray as those of this device do.</summary>
    internal void Calibrate(Calibration calibration)
    {
        calibration.MoveTo(Time.UnixMs);
        _calibration = calibration;
    }

    internal void End()
    {
        _json.WriteEndObject();
        _json.Flush();
    }
}
