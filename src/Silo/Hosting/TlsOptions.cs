namespace SmartCity.Silo;

/// <summary>TLS of the MQTT listeners. Configuration section <c>Mqtt:Tls</c>; it is used when a certificate is named.</summary>
public sealed class TlsOptions
{
    /// <summary>Port of MQTT over TLS. Default 8883.</summary>
    public int Port { get; set; } = 8883;

    /// <summary>Port of MQTT over secure WebSocket; 0 = none, the default.</summary>
    public int WebSocketPort { get; set; }

    /// <summary>File of the certificate: PEM, with the chain behind it, or PKCS #12 (<c>.pfx</c>, <c>.p12</c>). Null: no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>File of the private key in PEM; null when it is in the file of the certificate.</summary>
    public string? Key { get; set; }

    /// <summary>Password of the PKCS #12 file or of the encrypted key. From the environment (<c>Mqtt__Tls__Password</c>), not the command line, which other users can read.</summary>
    public string? Password { get; set; }

    /// <summary>A file whose first line is that password.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Whether clients show a certificate. Default None.</summary>
    public ClientCertificates ClientCertificates { get; set; }

    /// <summary>PEM file of the authorities whose client certificates are trusted; no other is.</summary>
    public string? TrustedCa { get; set; }

    /// <summary>Whether there is TLS at all.</summary>
    public bool IsOn => Certificate is { Length: > 0 };

    /// <summary>Says what is wrong, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { Port: < 1 or > 65535 } => $"Mqtt:Tls:Port is {Port}; write a port number from 1 to 65535, such as 8883.",
        { WebSocketPort: < 0 or > 65535 } => $"Mqtt:Tls:WebSocketPort is {WebSocketPort}; write a port number from 1 to 65535, or 0 for none.",
        { IsOn: false, WebSocketPort: > 0 } => "Mqtt:Tls:WebSocketPort needs a certificate; write its file in Mqtt:Tls:Certificate.",
        { IsOn: false, ClientCertificates: not ClientCertificates.None } => "Mqtt:Tls:ClientCertificates needs TLS; write the server's certificate in Mqtt:Tls:Certificate.",
        { ClientCertificates: not ClientCertificates.None, TrustedCa: null or "" } =>
            $"Mqtt:Tls:ClientCertificates is {ClientCertificates}; write the PEM file of the authority that issues them in Mqtt:Tls:TrustedCa.",
        { Password: not null, PasswordFile: not null } => "Mqtt:Tls:Password and Mqtt:Tls:PasswordFile are both there; leave one out.",
        _ => null,
    };
}
