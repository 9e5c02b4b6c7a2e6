using System.Net;

namespace SmartCity.Mqtt;

/// <summary>Who is at the other end of a connection.</summary>
public sealed class MqttConnectionInfo
{
    public MqttConnectionInfo(string clientId, string? userName, EndPoint? remoteEndPoint, MqttProtocolVersion version, DateTimeOffset connectedAt)
    {
        ClientId = clientId;
        UserName = userName;
        RemoteEndPoint = remoteEndPoint;
        Version = version;
        ConnectedAt = connectedAt;
    }

    public string ClientId { get; }

    public string? UserName { get; }

    public EndPoint? RemoteEndPoint { get; }

    public MqttProtocolVersion Version { get; }

    public DateTimeOffset ConnectedAt { get; }

    /// <summary>As the authorizer decided; null when it did not.</summary>
    public MqttIdentity? Identity { get; init; }

    /// <summary>For the authorizer: what it remembers per connection. Touched by one thread at a time.</summary>
    public object? Access { get; set; }

    /// <summary>For the application: what it remembers per connection, such as decoded topics. Touched only on the connection's read loop.</summary>
    public object? State { get; set; }
}
