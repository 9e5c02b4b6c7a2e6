namespace SmartCity.Storage.Tests;

/// <summary>A folder that goes away with the test.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("smartcity-storage-").FullName;

    public StorageOptions Options(InfluxOptions? influx = null) => new() { DataFolder = Path, Influx = influx };

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A server that is still going down may hold a file; the folder is a temporary one either way.
        }
    }
}
