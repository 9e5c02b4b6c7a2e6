namespace SmartCity.Gateway;

/// <summary>Which part of a client certificate names its user and device.</summary>
public enum CertificateName
{
    /// <summary>The common name of the subject.</summary>
    CommonName,

    /// <summary>The first DNS name of the subject alternative name.</summary>
    DnsName,

    /// <summary>The first URI of the subject alternative name, from its last <c>:</c> or <c>/</c> on: <c>urn:dev:station-1</c>.</summary>
    Uri,
}
