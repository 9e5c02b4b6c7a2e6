using System.Globalization;
using System.Text;

namespace SmartCity.Benchmarks;

/// <summary>
/// One device's PUBLISH, MQTT 3.1.1, laid out once: only packet identifier and time stamp are patched, so that the driver takes little of the two cores.
/// </summary>
internal sealed class PublishTemplate
{
    private const int TimestampDigits = 13;
    private readonly byte[] _bytes;
    private readonly int _idAt;
    private readonly int _timeAt;

    public PublishTemplate(int connection, int device, int metrics, int qos)
    {
        var topic = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"city/nam/sg/air/b{connection:d2}-{device:d6}"));
        string[] names = ["pm25", "temp", "rh", "no2", "o3"];
        var values = string.Join(",", names.Take(metrics).Select((m, i) => string.Create(CultureInfo.InvariantCulture, $"\"{m}\":{20 + i + (device % 50 * 0.1):f1}")));
        var payload = Encoding.ASCII.GetBytes("{\"ts\":1764000000000," + values + "}");
        byte[] id = qos > 0 ? [0, 0] : [];
        var remaining = 2 + topic.Length + id.Length + payload.Length;
        if (remaining > 127) throw new InvalidOperationException("The driver writes one length byte; use fewer metrics.");
        _bytes = [(byte)(0x30 | (qos << 1)), (byte)remaining, 0, (byte)topic.Length, .. topic, .. id, .. payload];
        _idAt = 4 + topic.Length;
        _timeAt = _idAt + id.Length + "{\"ts\":".Length;
    }

    public int Length => _bytes.Length;

    /// <summary>Writes the packet; answers its length.</summary>
    /// <param name="packetId">0 for QoS 0.</param>
    public int Write(Span<byte> target, ushort packetId, long unixMs)
    {
        _bytes.CopyTo(target);
        if (packetId != 0)
        {
            target[_idAt] = (byte)(packetId >> 8);
            target[_idAt + 1] = (byte)packetId;
        }

        for (var i = _timeAt + TimestampDigits - 1; i >= _timeAt; i--)
        {
            target[i] = (byte)('0' + (unixMs % 10));
            unixMs /= 10;
        }

        return _bytes.Length;
    }
}
