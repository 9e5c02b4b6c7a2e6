using System.Collections.Concurrent;

namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>Remembers who connected; lets nobody publish to or subscribe to what begins with <c>no/</c>, and no client named <c>nobody</c> connect.</summary>
internal sealed class RecordingAuthorizer : IMqttAuthorizer
{
    /// <summary>Client identifiers, user names and copies of the passwords, which the broker wipes after the decision.</summary>
    public ConcurrentQueue<(string ClientId, string? UserName, byte[]? Password)> Requests { get; } = new();

    public ValueTask<MqttReasonCode> AuthorizeConnectAsync(MqttConnectRequest request, CancellationToken cancellationToken)
    {
        Requests.Enqueue((request.ClientId, request.UserName, request.Password?.ToArray()));
        return new(request.ClientId == "nobody" ? MqttReasonCode.NotAuthorized : MqttReasonCode.Success);
    }

    public bool CanPublish(MqttConnectionInfo connection, ReadOnlySpan<byte> topic) => !topic.StartsWith("no/"u8);

    public bool CanSubscribe(MqttConnectionInfo connection, string filter) => !filter.StartsWith("no/", StringComparison.Ordinal);
}
