using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace SmartCity.Mqtt;

/// <summary>What a client presents with its CONNECT.</summary>
/// <param name="ClientId">As sent or as assigned.</param>
/// <param name="Password">As sent; null when absent.</param>
public sealed record MqttConnectRequest(string ClientId, string? UserName, ReadOnlyMemory<byte>? Password, EndPoint? RemoteEndPoint, MqttProtocolVersion Version)
{
    /// <summary>The client's certificate, already verified by the TLS layer; null without one.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Whether TLS is in front.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Whether the connection came as a WebSocket.</summary>
    public bool IsWebSocket { get; init; }

    /// <summary>Set by the authorizer before it answers: who the client turned out to be. Null: whoever it says.</summary>
    public MqttIdentity? Identity { get; set; }

    /// <summary>Says nothing of the password.</summary>
    public override string ToString() => $"CONNECT of {ClientId} from {RemoteEndPoint}";
}
