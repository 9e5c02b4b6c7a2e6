using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SmartCity.Gateway;

namespace SmartCity.Silo;

/// <summary>How TLS of the MQTT listeners begins: TLS 1.2 and 1.3, the certificate that is in force now, and what is asked of clients.</summary>
internal sealed partial class MqttTls
{
    private readonly TlsOptions _options;
    private readonly ServerCertificate _certificate;
    private readonly ILogger<MqttTls> _logger;
    private readonly AuditLog _audit;
    private readonly Counter<long> _refused;

    public MqttTls(TlsOptions options, ServerCertificate certificate, AuditLog audit, IMeterFactory meters, ILogger<MqttTls> logger)
    {
        (_options, _certificate, _audit, _logger) = (options, certificate, audit, logger);
        _refused = meters.Create("SmartCity.Silo").CreateCounter<long>(
            "smartcity.tls.certificates.refused", "{certificate}", "Client certificates refused at the start of TLS, by reason");
    }

    /// <summary>What Kestrel asks for at each new connection.</summary>
    /// <param name="handshakeTimeout">From accept to the end of the handshake.</param>
    /// <param name="isHttp">True for WebSocket listeners.</param>
    public TlsHandshakeCallbackOptions For(TimeSpan handshakeTimeout, bool isHttp) => new()
    {
        HandshakeTimeout = handshakeTimeout,
        OnConnection = context => new(Begin(context.Connection, isHttp)),
    };

    private SslServerAuthenticationOptions Begin(ConnectionContext connection, bool isHttp)
    {
        var asks = _options.ClientCertificates != ClientCertificates.None;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificate.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = asks,
            AllowRenegotiation = false,
            // Clients that offer a list without ours would be refused, so only one that browsers know is named.
            ApplicationProtocols = isHttp ? [SslApplicationProtocol.Http11] : null,
        };
        if (!asks) return options;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // a credential is revoked in our own store
            DisableCertificateDownloads = true, // no request to an address that a stranger's certificate names
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(_certificate.Trusted);
        options.CertificateChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Check(connection, certificate, chain, errors);
        return options;
    }

    private bool Check(ConnectionContext connection, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            if (_options.ClientCertificates == ClientCertificates.Optional) return true;
            Refuse(connection, "missing", "(none)");
            return false;
        }

        if (errors == SslPolicyErrors.None) return true;
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status) ?? X509ChainStatusFlags.NoError;
        var reason = status.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "expired"
            : (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 ? "untrusted"
            : status.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "not-for-clients" : "invalid";
        Refuse(connection, reason, certificate.Subject);
        return false;
    }

    private void Refuse(ConnectionContext connection, string reason, string subject)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        LogRefused(subject, connection.RemoteEndPoint, reason);
        _audit.Write("certificate-refused", subject, peer: connection.RemoteEndPoint, why: reason);
    }

    [LoggerMessage(7012, LogLevel.Warning, "Refused the client certificate {Subject} of {RemoteEndPoint}: {Reason}.")]
    private partial void LogRefused(string subject, System.Net.EndPoint? remoteEndPoint, string reason);
}
