using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmartCity.Storage;

/// <summary>Which certificates of an https server are trusted, and why one was not.</summary>
internal sealed class InfluxTls : IDisposable
{
    private readonly InfluxOptions _options;
    private readonly X509Certificate2Collection _authorities = [];
    private volatile string? _problem;

    public InfluxTls(InfluxOptions options)
    {
        _options = options;
        Authentication = new() { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Check(certificate, chain, errors) };
        if (string.IsNullOrEmpty(options.CaFile)) return;
        _authorities = ReadAuthorities(options.CaFile);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_authorities);
        Authentication.CertificateChainPolicy = policy;
    }

    public SslClientAuthenticationOptions Authentication { get; }

    /// <exception cref="ArgumentException">The file cannot be read or has no certificate.</exception>
    public static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Influx:CaFile '{file}' cannot be read ({e.Message}). Write the path of a PEM file with the certificates of the authority.", e);
        }

        if (authorities.Count == 0) throw new ArgumentException($"Influx:CaFile '{file}' has no certificate. Write the path of a PEM file with the certificates of the authority.");
        return authorities;
    }

    /// <summary>What a failed request says to people.</summary>
    public string Explain(Exception error)
    {
        if (error is not HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) return error.Message;
        return _problem ?? $"no TLS connection ({(error.InnerException ?? error).Message}); write http:// in Influx:Url if the server does not speak TLS";
    }

    public void Dispose()
    {
        foreach (var certificate in _authorities) certificate.Dispose();
    }

    private bool Check(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var subject = certificate?.Subject ?? "none";
        _problem = errors switch
        {
            SslPolicyErrors.None => null,
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) => "the server sent no certificate; write http:// in Influx:Url, or set up its certificate",
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) =>
                $"the server's certificate ({subject}) is not for the name {new Uri(_options.Url!).Host}; write the name that it is for in Influx:Url",
            _ => $"the server's certificate ({subject}) is not trusted: "
                + string.Join(", ", chain?.ChainStatus.Select(s => s.StatusInformation.TrimEnd('.', ' ', '\n')).Distinct() ?? [])
                + (string.IsNullOrEmpty(_options.CaFile)
                    ? "; write the PEM file of the authority that signed it in Influx:CaFile"
                    : $"; Influx:CaFile '{_options.CaFile}' must have the authority that signed it"),
        };
        return errors == SslPolicyErrors.None;
    }
}
