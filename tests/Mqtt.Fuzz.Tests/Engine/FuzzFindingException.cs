namespace SmartCity.Mqtt.Fuzz;

/// <summary>An input on which something that must always hold did not.</summary>
internal sealed class FuzzFindingException(string what, int seed, long number, MqttProtocolVersion version, byte[] input, Exception? inner = null)
    : Exception($"{what}\nseed {seed}, input {number}, {version}: {Convert.ToHexString(input)}", inner);
