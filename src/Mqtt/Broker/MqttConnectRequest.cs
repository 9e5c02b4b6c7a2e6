using System.Net;

namespace SmartCity.Mqtt;

/// <summary>What a client presents with its CONNECT.</summary>
/// <param name="ClientId">As sent or as assigned.</param>
/// <param name="Password">As sent; null when absent.</param>
public sealed record MqttConnectRequest(string ClientId, string? UserName, ReadOnlyMemory<byte>? Password, EndPoint? RemoteEndPoint, MqttProtocolVersion Version);
