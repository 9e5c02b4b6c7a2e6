using System.Net;
using Microsoft.Extensions.Logging;

namespace SmartCity.Mqtt;

/// <summary>Log messages of the broker and the client, events 1000 to 1999.</summary>
internal static partial class MqttLog
{
    [LoggerMessage(1000, LogLevel.Debug, "MQTT client {ClientId} connected from {RemoteEndPoint} with {Version}, session resumed: {Resumed}.")]
    public static partial void Connected(this ILogger logger, string clientId, EndPoint? remoteEndPoint, MqttProtocolVersion version, bool resumed);

    [LoggerMessage(1001, LogLevel.Debug, "MQTT client {ClientId} disconnected with {Reason}.")]
    public static partial void Disconnected(this ILogger logger, string clientId, MqttReasonCode reason);

    [LoggerMessage(1002, LogLevel.Information, "Closed the connection of MQTT client {ClientId}, {Reason}: {Why}")]
    public static partial void ConnectionClosed(this ILogger logger, string clientId, MqttReasonCode reason, string why);

    [LoggerMessage(1003, LogLevel.Warning, "MQTT client {ClientId} at {RemoteEndPoint} broke the protocol: {Violation}")]
    public static partial void Violation(this ILogger logger, string clientId, EndPoint? remoteEndPoint, MqttViolation violation);

    [LoggerMessage(1004, LogLevel.Warning, "Refused MQTT client {ClientId} at {RemoteEndPoint}, {Reason}: {Why}")]
    public static partial void Refused(this ILogger logger, string clientId, EndPoint? remoteEndPoint, MqttReasonCode reason, string why);

    [LoggerMessage(1005, LogLevel.Error, "The connection of MQTT client {ClientId} at {RemoteEndPoint} failed.")]
    public static partial void ConnectionFailed(this ILogger logger, Exception exception, string clientId, EndPoint? remoteEndPoint);

    [LoggerMessage(1006, LogLevel.Error, "A message of MQTT client {ClientId} could not be made durable; its connection closes without an acknowledgement.")]
    public static partial void DurabilityFailed(this ILogger logger, Exception exception, string clientId);

    [LoggerMessage(1007, LogLevel.Error, "The will of MQTT client {ClientId} could not be published.")]
    public static partial void WillFailed(this ILogger logger, Exception exception, string clientId);

    [LoggerMessage(1008, LogLevel.Error, "The MQTT broker's periodic check failed.")]
    public static partial void TickFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1009, LogLevel.Error, "The MQTT sessions in '{Folder}' could not be written; what depends on them waits. Free disk space or repair the disk; trying again.")]
    public static partial void JournalFailed(this ILogger logger, Exception exception, string folder);

    [LoggerMessage(1010, LogLevel.Information, "Took over {Sessions} MQTT sessions and {Retained} retained messages.")]
    public static partial void SessionsRestored(this ILogger logger, int sessions, int retained);

    [LoggerMessage(1020, LogLevel.Warning, "A page of origin '{Origin}' at {Address} may not connect. List the origin in Mqtt:AllowedOrigins if it should.")]
    public static partial void OriginRefused(this ILogger logger, string origin, IPAddress? address);

    [LoggerMessage(1021, LogLevel.Warning, "The WebSocket of {RemoteEndPoint} sent a text frame and was closed: MQTT goes in binary frames (MQTT-6.0.0-1).")]
    public static partial void TextFrame(this ILogger logger, EndPoint? remoteEndPoint);

    [LoggerMessage(1100, LogLevel.Warning, "Lost the MQTT broker at {Host}:{Port}: {Why} Connecting again.")]
    public static partial void ClientLost(this ILogger logger, string host, int port, string why);

    [LoggerMessage(1101, LogLevel.Debug, "Could not reconnect to the MQTT broker at {Host}:{Port}: {Why}")]
    public static partial void ClientReconnectFailed(this ILogger logger, string host, int port, string why);

    [LoggerMessage(1102, LogLevel.Error, "The handler of a message on {Topic} failed.")]
    public static partial void ClientHandlerFailed(this ILogger logger, Exception exception, string topic);

    [LoggerMessage(1103, LogLevel.Error, "Another client took over the session of '{ClientId}' at {Host}:{Port}; not connecting again. Give each client an identifier of its own.")]
    public static partial void ClientTakenOver(this ILogger logger, string clientId, string host, int port);

    [LoggerMessage(1104, LogLevel.Error, "After the reconnect to {Host}:{Port} the subscription to {Filter} was refused with {Reason}.")]
    public static partial void ClientSubscriptionLost(this ILogger logger, string filter, string host, int port, MqttReasonCode reason);
}
