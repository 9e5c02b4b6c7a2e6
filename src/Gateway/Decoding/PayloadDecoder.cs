using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmartCity.Gateway;

/// <summary>
/// Decodes the default payload: one flat JSON object or an array of them. <c>ts</c> is Unix milliseconds or RFC 3339, <c>seq</c>, <c>lat</c>,
/// <c>lon</c> and (on <c>mdt</c>) <c>ncgi</c> are optional, every other numeric field is a metric. Used by one thread; reuses everything.
/// </summary>
internal sealed class PayloadDecoder(MessagePool pool, long futureMs, long pastMs = 0)
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

    private void Finish(DeviceMessage message)
    {
        if (_wholeReason is null) Check(message);
        if (_wholeReason is null)
        {
            if (message.Count > 0) return;
            if (_objectRejected == 0) Record(new(RejectReason.NoMetrics, "The object has no numeric field besides ts, seq, lat and lon.", 1));
        }
        else
        {
            Record(new(_wholeReason, _wholeDetail, Math.Max(1, message.Count)));
        }

        Messages.RemoveAt(Messages.Count - 1);
        pool.Return(message);
    }

    private void Check(DeviceMessage message)
    {
        if (message.EventMs < Year2000Ms)
        {
            RefuseWhole(RejectReason.BadTimestamp, message.EventMs is > 0 and < SecondsLimit
                ? string.Create(CultureInfo.InvariantCulture, $"'ts' is {message.EventMs}, which looks like seconds; send milliseconds: {message.EventMs}000.")
                : string.Create(CultureInfo.InvariantCulture, $"'ts' is {message.EventMs}, before the year 2000."));
            return;
        }

        if (pastMs > 0 && message.EventMs < _arrivalMs - pastMs)
        {
            RefuseWhole(RejectReason.TooOld, string.Create(CultureInfo.InvariantCulture,
                $"'ts' is {(_arrivalMs - message.EventMs) / 86_400_000} days before its arrival; windows are kept for {pastMs / 86_400_000} days (Retention:WindowDays)."));
            return;
        }

        if (message.EventMs > _arrivalMs + futureMs)
        {
            RefuseWhole(RejectReason.FutureTimestamp, string.Create(CultureInfo.InvariantCulture,
                $"'ts' is {(message.EventMs - _arrivalMs) / 1000} s ahead of the gateway; at most {futureMs / 1000} s are taken. Check the device's clock."));
            return;
        }

        if (_stream.Metrics.Required.Count == 0) return;
        _missing.Clear();
        foreach (var field in _stream.Metrics.Required)
        {
            if (!Has(message, field)) _missing.Append(_missing.Length == 0 ? "" : ", ").Append(field);
        }

        if (_missing.Length > 0) RefuseWhole(RejectReason.MissingField, $"Kind '{_stream.Name.Kind}' needs: {_missing}.");
    }

    private static bool Has(DeviceMessage message, string field)
    {
        switch (field)
        {
            case "lat": return !double.IsNaN(message.Latitude);
            case "lon": return !double.IsNaN(message.Longitude);
            case "ncgi": return message.Ncgi is not null;
        }

        for (var i = 0; i < message.Count; i++)
        {
            if ((object)message.Readings[i].Metric == field || message.Readings[i].Metric == field) return true;
        }

        return false;
    }

    private void RefuseWhole(string reason, string detail)
    {
        if (_wholeReason is not null) return; // the first mistake is the one to mend
        (_wholeReason, _wholeDetail) = (reason, detail);
    }

    private void RefuseReading(string reason, string detail)
    {
        _objectRejected++;
        Record(new(reason, detail, 1));
    }

    private void Forget()
    {
        foreach (var message in Messages) pool.Return(message);
        Messages.Clear();
        Rejections.Clear();
    }

    private void Refuse(Exception exception)
    {
        Forget();
        Record(new(RejectReason.BadJson, "The payload is not a flat JSON object or an array of them: " + exception.Message, 1));
    }

    // One rejection for each reason, however many readings of a message share it: what is kept of a bad message stays small.
    private void Record(Rejection rejection)
    {
        for (var i = 0; i < Rejections.Count; i++)
        {
            var known = Rejections[i];
            if (known.Reason != rejection.Reason) continue;
            var detail = known.Detail.Length > MaxDetail || known.Detail.Contains(rejection.Detail, StringComparison.Ordinal) ? known.Detail : known.Detail + " " + rejection.Detail;
            Rejections[i] = new(known.Reason, detail, known.Readings + rejection.Readings);
            return;
        }

        Rejections.Add(rejection);
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
