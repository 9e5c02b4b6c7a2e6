namespace SmartCity.Grains;

/// <summary>The name of this host of grains: another one after each start.</summary>
/// <param name="Value">Where the host is one of a cluster, the name under which the others know it.</param>
public sealed record GrainHostName(string Value)
{
    /// <summary>The reply of a grain that has taken all it was given; one object, because there is one for each device and batch.</summary>
    internal DeliveryReply Taken { get; } = new() { Hosts = [Value] };
}
