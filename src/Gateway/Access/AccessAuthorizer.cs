using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>Decides who may connect, and what a client may publish and subscribe to.</summary>
public sealed class AccessAuthorizer(
    AccessOptions options, LoginThrottle throttle, PasswordLogin passwords, AuditLog audit, AccessMetrics metrics, TimeProvider time) : IMqttAuthorizer
{
    private volatile AccessPolicy _policy = AccessPolicy.Empty(options.Mode);

    /// <summary>Users and rules in force.</summary>
    public AccessPolicy Policy
    {
        get => _policy;
        internal set => _policy = value;
    }

    /// <inheritdoc/>
    public async ValueTask<MqttReasonCode> AuthorizeConnectAsync(MqttConnectRequest request, CancellationToken cancellationToken)
    {
        if (options.Mode == AccessMode.Anonymous) return MqttReasonCode.Success;
        if (throttle.AddressWait(request.RemoteEndPoint) is var wait && wait > TimeSpan.Zero && !IsRemembered(request))
        {
            metrics.Throttled("address");
            audit.Write("login-throttled", request.UserName, request.ClientId, request.RemoteEndPoint, "too many failed logins of this address");
            return MqttReasonCode.ConnectionRateExceeded;
        }

        var (method, reason) = request switch
        {
            { UserName.Length: > 0, Password: not null } => ("password", await passwords.CheckAsync(request, u => _policy.Find(u), cancellationToken).ConfigureAwait(false)),
            _ => ("none", MqttReasonCode.NotAuthorized),
        };
        if (reason == MqttReasonCode.Success && request.Identity is null) Identify(request, request.UserName!);
        metrics.Login(method, reason == MqttReasonCode.Success ? "accepted" : "refused");
        if (reason == MqttReasonCode.Success)
        {
            throttle.Succeeded(request.RemoteEndPoint, request.UserName);
            return reason;
        }

        // Who waits already is not made to wait longer by waiting.
        if (reason is MqttReasonCode.BadUserNameOrPassword or MqttReasonCode.NotAuthorized) throttle.Failed(request.RemoteEndPoint, request.UserName);
        audit.Write(
            reason == MqttReasonCode.ConnectionRateExceeded ? "login-throttled" : "login-refused",
            request.UserName, request.ClientId, request.RemoteEndPoint, $"{method}: {reason}");
        return reason;
    }

    /// <inheritdoc/>
    public bool CanPublish(MqttConnectionInfo connection, ReadOnlySpan<byte> topic)
    {
        var access = AccessOf(connection);
        if (access.CanPublish(topic)) return true;
        metrics.Denied("publish");
        if (access.Pace.Enter(time, out var left))
        {
            audit.Write("publish-denied", connection.UserName, connection.ClientId, connection.RemoteEndPoint, topic: System.Text.Encoding.UTF8.GetString(topic), leftOut: left);
        }

        return false;
    }

    /// <inheritdoc/>
    public bool CanSubscribe(MqttConnectionInfo connection, string filter)
    {
        var access = AccessOf(connection);
        if (access.CanSubscribe(filter)) return true;
        metrics.Denied("subscribe");
        if (access.Pace.Enter(time, out var left))
        {
            audit.Write("subscribe-denied", connection.UserName, connection.ClientId, connection.RemoteEndPoint, topic: filter, leftOut: left);
        }

        return false;
    }

    private void Identify(MqttConnectRequest request, string user)
    {
        var credential = _policy.Find(user)!;
        request.Identity = new AccessIdentity(user, credential.Device, credential.Version);
    }

    /// <summary>Good devices behind the address of a bad one still come back.</summary>
    private bool IsRemembered(MqttConnectRequest request) =>
        request is { UserName: { Length: > 0 } user, Password: { } password } && passwords.IsRemembered(_policy.Find(user), password.Span);

    private TopicAccess AccessOf(MqttConnectionInfo connection)
    {
        var policy = _policy;
        if (connection.Access is TopicAccess access && ReferenceEquals(access.Policy, policy)) return access;
        access = policy.For(connection.ClientId, connection.UserName, connection.Identity as AccessIdentity);
        connection.Access = access;
        return access;
    }
}
