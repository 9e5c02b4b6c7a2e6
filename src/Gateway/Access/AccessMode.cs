namespace SmartCity.Gateway;

/// <summary>Whether MQTT clients must prove who they are.</summary>
public enum AccessMode
{
    /// <summary>Nobody is asked; only for listeners on loopback.</summary>
    Anonymous,

    /// <summary>Only clients with a valid password, certificate or token.</summary>
    Required,
}
