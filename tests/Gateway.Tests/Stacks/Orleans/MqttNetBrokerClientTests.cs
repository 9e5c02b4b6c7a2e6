namespace SmartCity.Gateway.Tests;

/// <summary>The conformance suite on MQTTnet.</summary>
public sealed class MqttNetBrokerClientTests : BrokerClientConformance
{
    protected override IBrokerClient Create(BridgeOptions options) => new MqttNetBrokerClient(options, TimeProvider.System);
}
