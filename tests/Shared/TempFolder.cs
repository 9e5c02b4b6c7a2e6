namespace SmartCity.Tests;

/// <summary>A folder of its own, deleted at the end.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("smartcity-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
