using System.Globalization;
using System.Text.Json;

namespace SmartCity.Gateway;

/// <summary>What is wrong with an object, and how it is said.</summary>
internal sealed partial class PayloadDecoder
{
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
}
