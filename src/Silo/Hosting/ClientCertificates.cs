namespace SmartCity.Silo;

/// <summary>Whether clients show a certificate when TLS begins.</summary>
public enum ClientCertificates
{
    /// <summary>They are not asked.</summary>
    None,

    /// <summary>They are asked and may have none; one that is shown must be valid.</summary>
    Optional,

    /// <summary>Without a valid one there is no connection.</summary>
    Required,
}
