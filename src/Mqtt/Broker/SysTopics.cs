using System.Globalization;
using System.Reflection;
using System.Text;

namespace SmartCity.Mqtt;

/// <summary>
/// The broker's statistics as retained messages below <c>$SYS/broker</c>, with the names that mosquitto uses, refreshed every
/// <see cref="MqttLimits.SysTopicsInterval"/>. They are kept apart from the clients' retained messages, and only the broker publishes to <c>$SYS</c>.
/// </summary>
internal sealed class SysTopics(MqttBroker broker)
{
    public const string Prefix = "$SYS/";

    /// <summary>Only the broker speaks there (§4.7.2), not even a will does.</summary>
    public static bool IsReserved(ReadOnlySpan<byte> topic) => topic.StartsWith("$SYS/"u8);

    private readonly long _startedAt = broker.Time.GetTimestamp();
    private long _refreshedAt;
    private long _mostConnected;

    /// <summary>Called about once a second.</summary>
    public void Tick()
    {
        var time = broker.Time;
        _mostConnected = Math.Max(_mostConnected, broker.Metrics.ConnectionsOpen);
        var interval = broker.Limits.SysTopicsInterval;
        if (interval <= TimeSpan.Zero || (_refreshedAt != 0 && time.GetElapsedTime(_refreshedAt) < interval)) return;
        _refreshedAt = Math.Max(1, time.GetTimestamp());
        var metrics = broker.Metrics;
        var connected = metrics.ConnectionsOpen;
        Publish("version", "SmartCity " + typeof(SysTopics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
        Publish("uptime", $"{time.GetElapsedTime(_startedAt).TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} seconds");
        Publish("clients/connected", connected);
        Publish("clients/disconnected", Math.Max(0, broker.SessionCount - connected));
        Publish("clients/total", broker.SessionCount);
        Publish("clients/maximum", _mostConnected);
        Publish("bytes/received", metrics.BytesIn);
        Publish("bytes/sent", metrics.BytesOut);
        Publish("publish/messages/received", Sum(metrics.PublishesIn));
        Publish("publish/messages/sent", Sum(metrics.PublishesOut));
        Publish("publish/messages/dropped", metrics.DropsTotal);
        Publish("retained messages/count", broker.RetainedCount);
        Publish("subscriptions/count", broker.Subscriptions.Count);
        Publish("store/messages/bytes", broker.Budget.Bytes);
    }

    private static long Sum(Func<MqttQoS, long> count) => count(MqttQoS.AtMostOnce) + count(MqttQoS.AtLeastOnce) + count(MqttQoS.ExactlyOnce);

    private void Publish(string name, long value) => Publish(name, value.ToString(CultureInfo.InvariantCulture));

    private void Publish(string name, string value)
    {
        var topic = Encoding.UTF8.GetBytes(Prefix + "broker/" + name);
        var message = ApplicationMessage.Create(topic, Encoding.UTF8.GetBytes(value), default, MqttQoS.AtMostOnce, retain: true, origin: null, now: 0);
        broker.SysMessages.Set(message, out _);
        foreach (var target in broker.Subscriptions.Match(topic)) target.Deliver(message, MqttQoS.AtMostOnce, retain: false);
    }
}
