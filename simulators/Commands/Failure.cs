using System.Net.Sockets;
using System.Security.Authentication;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>What went wrong, in the words of the option or file that the user can change.</summary>
internal static class Failure
{
    /// <summary>A sentence for the user; null for a fault of the program itself.</summary>
    public static string? Explain(Exception e) => e switch
    {
        MqttConnectException { ReasonCode: MqttReasonCode.BadUserNameOrPassword or MqttReasonCode.NotAuthorized } =>
            $"{e.Message} Check --user and --password (or {MqttEndpoint.UserVariable} and {MqttEndpoint.PasswordVariable}), and whether the broker lets this user connect.",
        MqttConnectException { ReasonCode: null, InnerException: OperationCanceledException } => $"{e.Message} Is it overloaded, or does that port speak something else than --url says?",
        MqttConnectException { InnerException: SocketException { SocketErrorCode: SocketError.AddressNotAvailable } } => $"{e.Message}. Does this machine have the address of --source, and free ports on it?",
        MqttConnectException refused when SpeaksSomethingElse(refused) => $"{e.Message.TrimEnd('.')}. Does that port speak what --url says: mqtt:// plain, mqtts:// TLS, ws:// and wss:// WebSocket?",
        UnauthorizedAccessException => $"{e.Message} Choose a place where you may read and write.",
        TimeoutException or OperationCanceledException => $"No answer in time: {e.Message}",
        HttpRequestException => $"{e.Message} Is --url the address of the platform's HTTP API?",
        ArgumentException or IOException => e.Message,
        _ => null,
    };

    /// <summary>True when the port is open, and what came over it was no MQTT, or nothing.</summary>
    private static bool SpeaksSomethingElse(MqttConnectException e) => e.ReasonCode is null && e.InnerException switch
    {
        SocketException broken => broken.SocketErrorCode == SocketError.ConnectionReset,
        AuthenticationException => !e.Message.Contains("certificate", StringComparison.Ordinal),
        null => e.Message.Contains("CONNACK", StringComparison.Ordinal),
        _ => !e.Message.Contains(" file '", StringComparison.Ordinal),
    };
}
