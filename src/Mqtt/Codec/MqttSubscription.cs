namespace SmartCity.Mqtt;

/// <summary>One topic filter of a SUBSCRIBE with its options (§3.8.3.1). 3.1.1 knows only the QoS.</summary>
/// <param name="QoS">Maximum QoS at which the server may send.</param>
/// <param name="NoLocal">Do not send back what this client published.</param>
/// <param name="RetainAsPublished">Keep the retain flag as published.</param>
/// <param name="RetainHandling">0: send retained messages; 1: only for a new subscription; 2: never.</param>
public readonly record struct MqttSubscription(
    string Filter, MqttQoS QoS, bool NoLocal = false, bool RetainAsPublished = false, byte RetainHandling = 0);
