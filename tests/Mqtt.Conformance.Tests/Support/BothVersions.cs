namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>For statements that stand in both specifications.</summary>
public sealed class BothVersions : TheoryData<MqttProtocolVersion>
{
    public BothVersions()
    {
        Add(MqttProtocolVersion.V311);
        Add(MqttProtocolVersion.V500);
    }
}
