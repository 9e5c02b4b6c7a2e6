namespace SmartCity.Gateway;

/// <summary>The client identifier under which the broker keeps the gateway's session: the same after a restart, another for each data folder.</summary>
internal static class BridgeIdentity
{
    /// <exception cref="StoreUnavailableException">The file can be neither read nor written.</exception>
    public static string Read(BridgeOptions options)
    {
        if (options.ClientId is { Length: > 0 } given) return given;
        try
        {
            if (File.Exists(options.IdentityFile) && File.ReadAllText(options.IdentityFile).Trim() is { Length: > 0 } kept) return kept;
            var made = "smartcity-" + Guid.NewGuid().ToString("N")[..12];
            File.WriteAllText(options.IdentityFile, made);
            return made;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The file '{options.IdentityFile}' cannot be used ({exception.Message}). Make it writable, or set Broker:ClientId.", exception);
        }
    }
}
