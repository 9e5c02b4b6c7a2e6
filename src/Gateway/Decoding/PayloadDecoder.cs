using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmartCity.Gateway;

/// <summary>
/// Decodes the default payload: one flat JSON object or an array of them. <c>ts</c> is Unix milliseconds or RFC 3339, <c>seq</c>, <c>lat</c>,
/// <c>lon</c> and (on <c>mdt</c>) <c>ncgi</c> are optional, every other numeric field is a metric. Used by one thread; reuses everything.
/// </summary>
internal sealed partial class PayloadDecoder(MessagePool pool, long futureMs, long pastMs = 0)
{
    private const int MaxReadings = 512;
    private const int MaxDetail = 300; // characters after which further details of the same reason are left out
    private const long Year2000Ms = 946_684_800_000;
    private const long SecondsLimit = 100_000_000_000; // as milliseconds early 1973, as seconds the year 5138
    private static readonly JsonReaderOptions s_readerOptions = new() { MaxDepth = 8 };

    private readonly Dictionary<string, string> _ncgis = new(StringComparer.Ordinal);
    private readonly StringBuilder _missing = new();

    private StreamInfo _stream = null!;
    private long _arrivalMs;
    private bool _hasTimestamp;
    private Reserved _seen;
    private string? _wholeReason; // the object as a whole cannot be taken
    private string _wholeDetail = string.Empty;
    private int _objectRejected; // readings rejected one by one
    private long _object; // number of the object being decoded

    /// <summary>Messages of the last <see cref="Decode"/>; they belong to the caller.</summary>
    public List<DeviceMessage> Messages { get; } = [];

    /// <summary>What the last <see cref="Decode"/> refused.</summary>
    public List<Rejection> Rejections { get; } = [];

    /// <summary>Decodes a payload into <see cref="Messages"/> and <see cref="Rejections"/>.</summary>
    public void Decode(StreamInfo stream, ReadOnlySpan<byte> payload, long sequence, long arrivalMs)
    {
        Messages.Clear();
        Rejections.Clear();
        (_stream, _arrivalMs) = (stream, arrivalMs);
        try
        {
            DecodeJson(payload, sequence);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: bytes or escapes that are no UTF-8 or UTF-16 text, such as a name "\ud800".
            if (NotFiniteLiterals.TryReplace(payload) is { } replaced) DecodeAgain(replaced, sequence);
            else Refuse(exception);
        }
    }

    // Several languages write NaN without quotes: the readings beside it are good, so only it is refused.
    private void DecodeAgain(byte[] payload, long sequence)
    {
        Forget();
        try
        {
            DecodeJson(payload, sequence);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            Refuse(exception);
        }
    }

    private void DecodeJson(ReadOnlySpan<byte> payload, long sequence)
    {
        var reader = new Utf8JsonReader(payload, s_readerOptions);
        if (!reader.Read()) throw new JsonException("the payload is empty");
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            DecodeObject(ref reader, sequence, 0);
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            var ordinal = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    Record(new(RejectReason.BadJson, "An array must hold objects only.", 1));
                    reader.Skip();
                    continue;
                }

                if (ordinal == LogPosition.MaxOrdinals) throw new JsonException($"the array has more than {LogPosition.MaxOrdinals} objects; split it");
                DecodeObject(ref reader, sequence, ordinal++);
            }

            if (reader.TokenType != JsonTokenType.EndArray) throw new JsonException("the array is not closed");
            if (ordinal == 0 && Rejections.Count == 0) throw new JsonException("the array is empty");
        }
        else
        {
            throw new JsonException("the payload must be an object or an array of objects");
        }

        reader.Read(); // throws when something follows
    }

    private void DecodeObject(ref Utf8JsonReader reader, long sequence, int ordinal)
    {
        var message = pool.Rent();
        Messages.Add(message); // first, so that it goes back to the pool if the rest is no JSON
        message.Stream = _stream.Name;
        message.Position = LogPosition.Of(sequence, ordinal);
        message.ArrivalMs = _arrivalMs;
        message.EventMs = _arrivalMs;
        _object++;
        _hasTimestamp = false;
        _seen = Reserved.None;
        _wholeReason = null;
        _objectRejected = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName) DecodeField(ref reader, message);
        if (reader.TokenType != JsonTokenType.EndObject) throw new JsonException("an object is not closed");
        message.EventTimeAssumed = !_hasTimestamp;
        Finish(message);
    }

    private void DecodeField(ref Utf8JsonReader reader, DeviceMessage message)
    {
        if (reader.ValueTextEquals("ts"u8))
        {
            Once("ts", Reserved.Ts);
            reader.Read();
            DecodeTimestamp(ref reader, message);
        }
        else if (reader.ValueTextEquals("seq"u8))
        {
            Once("seq", Reserved.Seq);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)) message.Sequence = value;
            else RefuseWhole(RejectReason.BadField, "'seq' must be an integer.");
        }
        else if (reader.ValueTextEquals("lat"u8))
        {
            Once("lat", Reserved.Lat);
            reader.Read();
            message.Latitude = DecodeCoordinate(ref reader, "lat", 90);
        }
        else if (reader.ValueTextEquals("lon"u8))
        {
            Once("lon", Reserved.Lon);
            reader.Read();
            message.Longitude = DecodeCoordinate(ref reader, "lon", 180);
        }
        else if (reader.ValueTextEquals("ncgi"u8))
        {
            Once("ncgi", Reserved.Ncgi);
            reader.Read();
            message.Ncgi = DecodeNcgi(ref reader);
        }
        else
        {
            DecodeMetric(ref reader, message);
        }

        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return;
        RefuseWhole(RejectReason.BadJson, "An object must be flat: a field holds an object or an array.");
        reader.Skip();
    }

    private void Once(string name, Reserved field)
    {
        if ((_seen & field) != 0) RefuseWhole(RejectReason.BadField, $"'{name}' is there twice.");
        _seen |= field;
    }

    private void DecodeMetric(ref Utf8JsonReader reader, DeviceMessage message)
    {
        var name = reader.HasValueSequence || reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        var entry = _stream.Metrics.Find(name);
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number)
        {
            // Texts and flags of a device are not metrics; a known metric that is no number is a mistake.
            if (entry?.Info is not null && reader.TokenType is JsonTokenType.String or JsonTokenType.True or JsonTokenType.False)
                RefuseReading(RejectReason.NotNumeric, $"'{entry!.Name}' must be a number.");
            return;
        }

        if (entry is null)
        {
            RefuseReading(RejectReason.BadMetric,
                $"A metric name must be 1 to 64 of A-Z a-z 0-9 . _ : -, and a kind has at most {MetricTable.MaxMetrics}.");
            return;
        }

        if (!reader.TryGetDouble(out var value) || !double.IsFinite(value))
        {
            RefuseReading(RejectReason.NotFinite, $"'{entry.Name}' is not a finite number; leave the field out or send null.");
            return;
        }

        if (value < entry.Min || value > entry.Max)
        {
            RefuseReading(RejectReason.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"'{entry.Name}' is {value}; it must be {entry.Min} to {entry.Max} {entry.Info?.Unit}.").Replace(" .", ".", StringComparison.Ordinal));
            return;
        }

        if (entry.LastObject == _object)
        {
            // A window takes one reading of a metric from one position; a second would vanish between accepted and stored.
            RefuseReading(RejectReason.BadField, $"'{entry.Name}' is there twice; the first one is taken.");
            return;
        }

        entry.LastObject = _object;

        if (message.Count == MaxReadings) throw new JsonException($"an object has more than {MaxReadings} metrics; split it");
        MessagePool.Add(message, new(entry.Name, value));
    }

    private void DecodeTimestamp(ref Utf8JsonReader reader, DeviceMessage message)
    {
        _hasTimestamp = true;
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out var ms))
            {
                var real = reader.GetDouble();
                if (Math.Abs(real) > 1e15)
                {
                    RefuseWhole(RejectReason.BadTimestamp, "'ts' must be Unix milliseconds or an RFC 3339 time.");
                    return;
                }

                ms = (long)Math.Round(real);
            }

            message.EventMs = ms;
        }
        else if (reader.TokenType == JsonTokenType.String && Rfc3339.TryParse(reader.ValueSpan, out var time))
        {
            message.EventMs = time;
        }
        else
        {
            RefuseWhole(RejectReason.BadTimestamp, "'ts' must be Unix milliseconds or an RFC 3339 time with an offset, such as 1764000000000 or \"2025-11-24T16:00:00Z\".");
        }
    }

    private double DecodeCoordinate(ref Utf8JsonReader reader, string name, double most)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && Math.Abs(value) <= most) return value;
        if (reader.TokenType != JsonTokenType.Null) RefuseWhole(RejectReason.BadField, $"'{name}' must be a number from -{most} to {most} (degrees, WGS 84).");
        return double.NaN;
    }

    private string? DecodeNcgi(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && Ncgi.IsValid(reader.ValueSpan))
        {
            Span<char> text = stackalloc char[reader.ValueSpan.Length];
            Encoding.ASCII.GetChars(reader.ValueSpan, text);
            var lookup = _ncgis.GetAlternateLookup<ReadOnlySpan<char>>();
            if (lookup.TryGetValue(text, out var known)) return known;
            if (_ncgis.Count > 100_000) _ncgis.Clear(); // a cache, bounded because identities come from outside
            var ncgi = text.ToString();
            _ncgis.Add(ncgi, ncgi);
            return ncgi;
        }

        RefuseWhole(RejectReason.BadField, "'ncgi' must be written " + Ncgi.Format + ".");
        return null;
    }

    private void RefuseReading(string reason, string detail)
    {
        _objectRejected++;
        Record(new(reason, detail, 1));
    }

    [Flags]
    private enum Reserved : byte
    {
        None = 0,
        Ts = 1,
        Seq = 2,
        Lat = 4,
        Lon = 8,
        Ncgi = 16,
    }
}
