namespace SmartCity.Mqtt;

/// <content>What the authorizer's decisions mean for sessions and for connections that are open already.</content>
public sealed partial class MqttBroker
{
    /// <summary>Closes every connection that passes; v5 clients are told why.</summary>
    /// <returns>How many.</returns>
    public int DisconnectWhere(Func<MqttConnectionInfo, bool> passes, MqttReasonCode reason, string why)
    {
        var closed = 0;
        foreach (var connection in _connections.Keys)
        {
            if (connection.Info is not { } info || !passes(info)) continue;
            connection.Close(reason, why);
            closed++;
        }

        return closed;
    }

    /// <summary>Whether a user may have a client identifier: not while another user is connected with it, whom it would throw out.</summary>
    internal bool MayTakeOver(string clientId, MqttIdentity identity)
    {
        if (!_sessions.TryGetValue(clientId, out var session)) return true;
        MqttConnection? current;
        lock (session.Gate) current = session.Connection;
        return current?.Info is not { } holder || (holder.UserName == identity.UserName && holder.Identity?.DeviceId == identity.DeviceId);
    }

    /// <summary>
    /// Whether a client may go on with the session of its client identifier. Somebody else may have left it, or the rules may have changed since:
    /// then what waits in it is not for this client.
    /// </summary>
    public bool MayResume(MqttConnectionInfo info)
    {
        if (info.Identity is null || !_sessions.TryGetValue(info.ClientId, out var session)) return true;
        string[] filters;
        lock (session.Gate) filters = [.. session.Subscriptions.Keys];
        return filters.All(f => SharedFilter.TrySplit(f, out _, out var inner) && Authorizer.CanSubscribe(info, inner));
    }
}
