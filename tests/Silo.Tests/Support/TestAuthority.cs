using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmartCity.Silo.Tests;

/// <summary>A certificate authority of the test's own, with files for programs that are not ours.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-ca-").FullName;
    private readonly X509Certificate2 _root;
    private int _files;

    public TestAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        _root = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
        CaFile = Write("ca.pem", _root.ExportCertificatePem());
    }

    public string CaFile { get; }

    /// <summary>Makes a server's certificate for localhost, 127.0.0.1 and ::1.</summary>
    public (string Certificate, string Key) MakeServer(string commonName = "localhost")
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        return Make(commonName, "1.3.6.1.5.5.7.3.1", names, TimeSpan.FromDays(-1), TimeSpan.FromDays(30));
    }

    /// <summary>Makes a client's certificate.</summary>
    /// <param name="from">Begin of its validity, from now.</param>
    /// <param name="until">End of it.</param>
    public (string Certificate, string Key) MakeClient(string commonName, TimeSpan? from = null, TimeSpan? until = null, string? uri = null)
    {
        var names = new SubjectAlternativeNameBuilder();
        if (uri is null) names.AddDnsName("client.invalid");
        else names.AddUri(new Uri(uri));
        return Make(commonName, "1.3.6.1.5.5.7.3.2", names, from ?? TimeSpan.FromDays(-1), until ?? TimeSpan.FromDays(30));
    }

    /// <summary>A server's certificate, its key and the authority in one PKCS #12 file.</summary>
    public string MakeServerPkcs12(string password)
    {
        var (certificate, key) = MakeServer("pkcs12");
        using var pair = X509Certificate2.CreateFromPemFile(certificate, key);
        var path = Path.ChangeExtension(certificate, ".pfx");
        File.WriteAllBytes(path, new X509Certificate2Collection { pair, _root }.Export(X509ContentType.Pkcs12, password)!);
        return path;
    }

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private (string Certificate, string Key) Make(string commonName, string usage, SubjectAlternativeNameBuilder names, TimeSpan from, TimeSpan until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + commonName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(_root, now + from, now + until, RandomNumberGenerator.GetBytes(12));
        var number = Interlocked.Increment(ref _files);
        return (Write($"{number}.crt", certificate.ExportCertificatePem()), Write($"{number}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
