using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmartCity.Silo;

/// <summary>
/// The server's certificate with its chain, and the authorities of client certificates; read again when a file has changed. Files that cannot be used
/// leave the old ones in force: a renewal that went wrong must not lock the city out.
/// </summary>
internal sealed partial class ServerCertificate : IDisposable
{
    /// <summary>How often the files are looked at. Looking, not notifications: those miss exchanged symbolic links and network folders.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly TlsOptions _options;
    private readonly ILogger<ServerCertificate> _logger;
    private readonly ITimer _timer;
    private string _stamp;

    /// <exception cref="StartupException">A file cannot be used; the message says which, and what to write.</exception>
    public ServerCertificate(TlsOptions options, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        (_options, _logger) = (options, logger);
        _stamp = Stamp();
        try
        {
            (Context, Trusted) = Load();
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            throw new StartupException(exception.Message, exception);
        }

        _timer = time.CreateTimer(static self => ((ServerCertificate)self!).Check(), this, s_interval, s_interval);
    }

    public SslStreamCertificateContext Context { get; private set; }

    /// <summary>Authorities of client certificates; empty when clients are not asked.</summary>
    public X509Certificate2Collection Trusted { get; private set; }

    public void Dispose() => _timer.Dispose();

    /// <summary>Reads the files again when they have changed.</summary>
    internal void Check()
    {
        try
        {
            var stamp = Stamp();
            if (stamp == _stamp) return;
            _stamp = stamp;
            (Context, Trusted) = Load();
            LogReloaded(Context.TargetCertificate.Subject, Context.TargetCertificate.NotAfter.ToUniversalTime());
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            LogKept(exception.Message);
        }
    }

    private static bool IsBadFile(Exception exception) =>
        exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException;

    private (SslStreamCertificateContext Context, X509Certificate2Collection Trusted) Load()
    {
        var chain = new X509Certificate2Collection();
        var file = _options.Certificate!;
        X509Certificate2 certificate;
        try
        {
            if (Path.GetExtension(file) is ".pfx" or ".p12")
            {
                var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, Password());
                certificate = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new InvalidDataException("it holds no private key");
                chain.AddRange(all.Where(c => c != certificate).ToArray());
            }
            else
            {
                var key = _options.Key is { Length: > 0 } ? _options.Key : file;
                certificate = Password() is { } password ? X509Certificate2.CreateFromEncryptedPemFile(file, password, key) : X509Certificate2.CreateFromPemFile(file, key);
                chain.ImportFromPemFile(file);
            }
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            throw new InvalidDataException(
                $"Mqtt:Tls:Certificate '{file}' cannot be used: {exception.Message.TrimEnd('.')}. Write a PEM file and its key in Mqtt:Tls:Key, or a .pfx file and its password in the environment variable Mqtt__Tls__Password.",
                exception);
        }

        var trusted = new X509Certificate2Collection();
        if (_options.ClientCertificates != ClientCertificates.None)
        {
            try
            {
                trusted.ImportFromPemFile(_options.TrustedCa!);
            }
            catch (Exception exception) when (IsBadFile(exception))
            {
                throw new InvalidDataException($"Mqtt:Tls:TrustedCa '{_options.TrustedCa}' cannot be used: {exception.Message.TrimEnd('.')}. Write a PEM file with the certificates of the authorities.", exception);
            }

            if (trusted.Count == 0) throw new InvalidDataException($"Mqtt:Tls:TrustedCa '{_options.TrustedCa}' holds no certificate; write a PEM file with those of the authorities.");
        }

        return (SslStreamCertificateContext.Create(certificate, chain, offline: true), trusted);
    }

    private string? Password() => _options.PasswordFile is { Length: > 0 } file ? File.ReadLines(file).FirstOrDefault() : _options.Password;

    private string Stamp()
    {
        string?[] files = [_options.Certificate, _options.Key, _options.PasswordFile, _options.TrustedCa];
        return string.Join('|', files.Where(f => f is { Length: > 0 }).Select(f =>
        {
            var info = new FileInfo(f!);
            if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) info = target;
            return info.Exists ? $"{info.FullName} {info.LastWriteTimeUtc.Ticks} {info.Length}" : $"{f} missing";
        }));
    }

    [LoggerMessage(7010, LogLevel.Information, "The new TLS certificate {Subject} is in force; it ends {NotAfter:u}.")]
    private partial void LogReloaded(string subject, DateTime notAfter);

    [LoggerMessage(7011, LogLevel.Error, "The changed TLS files cannot be used, the old certificate stays in force: {Problem}")]
    private partial void LogKept(string problem);
}
