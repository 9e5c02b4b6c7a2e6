using Microsoft.AspNetCore.Connections;

namespace SmartCity.Mqtt;

/// <summary>
/// Brings Kestrel's connections to the broker: <c>kestrel.Listen(address, port, o => o.UseConnectionHandler&lt;MqttConnectionHandler&gt;())</c>.
/// TLS goes in front with <c>UseHttps</c>, as for any connection handler.
/// </summary>
public sealed class MqttConnectionHandler(MqttBroker broker) : ConnectionHandler
{
    /// <inheritdoc/>
    public override Task OnConnectedAsync(ConnectionContext connection) => broker.RunAsync(connection);
}
