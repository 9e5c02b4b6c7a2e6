using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmartCity.Mqtt;

/// <summary>
/// TLS as a client: the server's certificate must chain to the system's roots, or to the given file alone, and carry the host's name. There is no
/// switch to trust everything. Files are read at each connect, so renewed ones need no restart.
/// </summary>
internal sealed class ClientTls : IDisposable
{
    private readonly MqttClientOptions _options;
    private readonly List<X509Certificate2> _certificates = [];

    /// <exception cref="MqttConnectException">A file cannot be used; the message names it.</exception>
    public ClientTls(MqttClientOptions options)
    {
        _options = options;
        Authentication = new()
        {
            TargetHost = options.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Check(certificate, chain, errors),
        };
        if (options.CaFile is { } authorities) Authentication.CertificateChainPolicy = Trust(authorities);
        if (options.ClientCertificateFile is { } certificate) Authentication.ClientCertificateContext = Identity(certificate, options.ClientKeyFile);
    }

    public SslClientAuthenticationOptions Authentication { get; }

    /// <summary>Why the server's certificate was refused; null when it was not.</summary>
    public string? Problem { get; private set; }

    public void Dispose()
    {
        foreach (var certificate in _certificates) certificate.Dispose();
    }

    private X509ChainPolicy Trust(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new MqttConnectException($"The CA file '{file}' cannot be read ({e.Message}). Write the path of a PEM file with the certificates of the authority.", e);
        }

        if (policy.CustomTrustStore.Count == 0) throw new MqttConnectException($"The CA file '{file}' has no certificate. Write the path of a PEM file with the certificates of the authority.");
        _certificates.AddRange(policy.CustomTrustStore);
        return policy;
    }

    private SslStreamCertificateContext Identity(string file, string? keyFile)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(file, keyFile ?? file);
            _certificates.Add(certificate);
            var others = new X509Certificate2Collection();
            others.ImportFromPemFile(file);
            _certificates.AddRange(others);
            return SslStreamCertificateContext.Create(certificate, others, offline: true);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException or ArgumentException)
        {
            throw new MqttConnectException(
                $"The client certificate '{file}' cannot be used ({e.Message}). Write the path of a PEM file with the certificate, and one with its key without a pass phrase.", e);
        }
    }

    private bool Check(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        var subject = certificate?.Subject ?? "none";
        Problem = true switch
        {
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => "it sent no certificate",
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => $"its certificate ({subject}) is not for the name {_options.Host}",
            _ => $"its certificate ({subject}) is not trusted: "
                + string.Join(", ", chain?.ChainStatus.Select(s => s.StatusInformation.TrimEnd('.', ' ', '\n')).Distinct() ?? [])
                + (_options.CaFile is null ? "; give the CA file of its authority" : $"; the CA file is '{_options.CaFile}'"),
        };
        return false;
    }
}
