using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>Decides who may connect, and what a client may publish and subscribe to.</summary>
public sealed class AccessAuthorizer(
    AccessOptions options, LoginThrottle throttle, PasswordLogin passwords, AuditLog audit, AccessMetrics metrics, TimeProvider time, TokenLogin? tokens = null) : IMqttAuthorizer
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

        var (method, reason, problem) = await LoginAsync(request, cancellationToken).ConfigureAwait(false);
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
            request.UserName, request.ClientId, request.RemoteEndPoint, $"{method}: {problem ?? reason.ToString()}");
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

    /// <inheritdoc/>
    public MqttReasonCode ReasonNotToSubscribe(MqttConnectionInfo connection, string filter) =>
        AccessOf(connection).Hides(filter) ? MqttReasonCode.UnspecifiedError : MqttReasonCode.NotAuthorized;

    /// <summary>A token or a password where one is shown, else the certificate.</summary>
    private async ValueTask<(string Method, MqttReasonCode Reason, string? Problem)> LoginAsync(MqttConnectRequest request, CancellationToken cancellationToken)
    {
        switch (request)
        {
            case { Password: { } token } when tokens is not null && TokenLogin.IsToken(token.Span):
                var (user, expiresAt, problem) = await tokens.CheckAsync(token).ConfigureAwait(false);
                return user is null ? ("token", MqttReasonCode.BadUserNameOrPassword, problem) : ("token", Identify(request, user, expiresAt), null);
            case { UserName.Length: > 0, Password: not null }:
                var reason = await passwords.CheckAsync(request, u => _policy.Find(u), cancellationToken).ConfigureAwait(false);
                return ("password", reason == MqttReasonCode.Success ? Identify(request, request.UserName, null) : reason, null);
            case { ClientCertificate: { } certificate }:
                return CertificateLogin.UserOf(certificate, options.CertificateName) is { } name
                    ? ("certificate", Identify(request, name, null), null)
                    : ("certificate", MqttReasonCode.NotAuthorized, $"its {options.CertificateName} names no user");
            default:
                return ("none", MqttReasonCode.NotAuthorized, "nothing shown");
        }
    }

    /// <summary>Who proved to be a user is let in unless that user is revoked; one that is not in the store is a device of its own name.</summary>
    private MqttReasonCode Identify(MqttConnectRequest request, string user, DateTimeOffset? expiresAt)
    {
        var credential = _policy.Find(user);
        if (credential is { IsRevoked: true }) return MqttReasonCode.NotAuthorized;
        request.Identity = new AccessIdentity(user, credential is null ? user : credential.Device, credential?.Version ?? 0, expiresAt);
        return MqttReasonCode.Success;
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
