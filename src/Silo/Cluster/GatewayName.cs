namespace SmartCity.Silo;

/// <summary>The name under which the store keeps this gateway's marks: made up once and kept with the intake log, because it is that log's.</summary>
internal static class GatewayName
{
    private const string File = "gateway.name";

    /// <exception cref="StoreUnavailableException">The folder cannot be written.</exception>
    public static string Of(string dataFolder)
    {
        var path = Path.Combine(dataFolder, File);
        try
        {
            Directory.CreateDirectory(dataFolder);
            if (System.IO.File.Exists(path) && System.IO.File.ReadAllText(path).Trim() is { Length: > 0 } known) return known;
            var name = Environment.MachineName + "-" + Guid.NewGuid().ToString("N")[..12];
            System.IO.File.WriteAllText(path, name);
            return name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The data folder '{dataFolder}' cannot be written ({exception.Message}). Make it writable, or set Data to a folder that is.", exception);
        }
    }
}
