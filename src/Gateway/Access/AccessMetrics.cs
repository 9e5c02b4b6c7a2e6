using System.Diagnostics.Metrics;

namespace SmartCity.Gateway;

/// <summary>Counters of access control, in the gateway's meter.</summary>
public sealed class AccessMetrics
{
    private readonly Counter<long> _logins;
    private readonly Counter<long> _throttled;
    private readonly Counter<long> _denied;
    private readonly Counter<long> _ended;

    public AccessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SmartCity.Gateway");
        _logins = meter.CreateCounter<long>("smartcity.access.logins", "{login}", "Logins, by method and outcome");
        _throttled = meter.CreateCounter<long>("smartcity.access.throttled", "{login}", "Logins refused unseen, by what failed too often: address or user; or because too many wait");
        _denied = meter.CreateCounter<long>("smartcity.access.denied", "{request}", "PUBLISH and SUBSCRIBE that no rule allows, by action");
        _ended = meter.CreateCounter<long>("smartcity.access.connections.ended", "{connection}", "Connections ended because their user or rules changed");
    }

    public void Login(string method, string outcome) => _logins.Add(1, new("method", method), new KeyValuePair<string, object?>("outcome", outcome));

    public void Throttled(string by) => _throttled.Add(1, new KeyValuePair<string, object?>("by", by));

    public void Denied(string action) => _denied.Add(1, new KeyValuePair<string, object?>("action", action));

    public void Ended(int connections) => _ended.Add(connections);
}
