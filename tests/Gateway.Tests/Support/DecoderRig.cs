using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Gateway.Tests;

/// <summary>A decoder with one stream; counts what it rents, so that a leak shows.</summary>
internal sealed class DecoderRig
{
    public const long ArrivalMs = 1_764_000_000_000;

    private readonly MessagePool _pool = new(10_000);
    private readonly PayloadDecoder _decoder;
    private readonly TopicMap _topics = new(Geography.Default);

    public DecoderRig() => _decoder = new(_pool, futureMs: 300_000);

    public List<DeviceMessage> Messages => _decoder.Messages;

    public List<Rejection> Rejections => _decoder.Rejections;

    public StreamInfo Stream(string kind) => _topics.TryResolve(Encoding.UTF8.GetBytes($"city/nam/sg/{kind}/d"), out var stream, out _, out _, out var detail)
        ? stream : throw new ArgumentException(detail);

    /// <summary>Decodes, then gives the messages back; what they held is returned as text.</summary>
    public List<string> Decode(string payload, string kind = "air") => Decode(Encoding.UTF8.GetBytes(payload), kind);

    public List<string> Decode(ReadOnlySpan<byte> payload, string kind = "air")
    {
        _decoder.Decode(Stream(kind), payload, 1, ArrivalMs);
        var texts = Messages.Select(m => string.Join(' ', m.Readings.Take(m.Count).Select(r => FormattableString.Invariant($"{r.Metric}={r.Value}")))).ToList();
        return texts;
    }

    public void GiveBack()
    {
        foreach (var message in Messages) _pool.Return(message);
        Messages.Clear();
    }

    /// <summary>Decodes one payload that must be refused as a whole or in part.</summary>
    public Rejection Refused(string payload, string kind = "air")
    {
        Decode(payload, kind);
        return Assert.Single(Rejections);
    }

    /// <summary>Every message of the last decode is a different object and is sound.</summary>
    public void AssertSound()
    {
        Assert.Equal(Messages.Count, Messages.Distinct(ReferenceEqualityComparer.Instance).Count());
        foreach (var message in Messages)
        {
            Assert.InRange(message.Count, 1, 512);
            Assert.InRange(message.EventMs, 946_684_800_000, ArrivalMs + 300_000);
            Assert.Equal(message.Count, message.Readings.Take(message.Count).Select(r => r.Metric).Distinct().Count());
            for (var i = 0; i < message.Count; i++) Assert.True(double.IsFinite(message.Readings[i].Value));
        }

        Assert.All(Rejections, r => Assert.True(r.Readings > 0 && r.Reason.Length > 0 && r.Detail.Length > 10, $"{r}"));
        Assert.True(Messages.Count + Rejections.Count > 0);
    }
}
