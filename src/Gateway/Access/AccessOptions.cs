namespace SmartCity.Gateway;

/// <summary>Who may connect to the MQTT listeners. Configuration section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>Default Anonymous, which listens on loopback only.</summary>
    public AccessMode Mode { get; set; }

    /// <summary>Whether listeners without TLS may be reached from other machines, where passwords can be read on the way. Default false.</summary>
    public bool AllowPlainText { get; set; }

    /// <summary>Which part of a client certificate names user and device. Default CommonName.</summary>
    public CertificateName CertificateName { get; set; }

    /// <summary>Tokens in the password field.</summary>
    public JwtOptions Jwt { get; } = new();
}
