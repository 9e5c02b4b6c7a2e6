namespace SmartCity.Contracts;

/// <summary>Where users and rules are kept. Several processes may use it at once: the server reads what the command line writes.</summary>
public interface IAccessStore : IDisposable
{
    /// <summary>Everything, when it has changed since the last call; null when it has not.</summary>
    /// <exception cref="StoreUnavailableException">The file cannot be read; the message says what to do.</exception>
    AccessData? ReadIfChanged();

    /// <summary>Adds a user or replaces what is known of it; its version grows.</summary>
    void Put(Credential credential);

    /// <summary>Marks a user as revoked; one that is not there is entered, so that its certificates and tokens are refused too.</summary>
    /// <returns>False when it was not there.</returns>
    bool Revoke(string user);

    /// <summary>Adds a rule; answers its number.</summary>
    long AddRule(AccessRule rule);

    /// <returns>False when there is none of that number.</returns>
    bool RemoveRule(long id);
}
