namespace SmartCity.Gateway;

/// <summary>
/// The port to an MQTT client that reads from an existing broker. An implementation connects, subscribes, comes back after every loss, and
/// acknowledges in the order of the messages, each only when the intake holds it durably.
/// </summary>
public interface IBrokerClient
{
    /// <summary>PUBACK and PUBREC sent to the broker.</summary>
    long Acknowledged { get; }

    /// <summary>Runs until stopped; then it disconnects and leaves the session to the broker. A broker that is away or refuses ends nothing.</summary>
    Task RunAsync(IBrokerIntake intake, CancellationToken stop);
}
