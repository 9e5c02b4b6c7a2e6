using SmartCity.Contracts;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>Where users and rules are kept.</summary>
internal static class AccessFile
{
    /// <summary>Opens them; null when there are none and none are to be made: a host that asks nobody needs no file.</summary>
    public static IAccessStore? Open(string dataFolder, bool create) =>
        create || File.Exists(Path.Combine(dataFolder, SqliteAccessStore.FileName)) ? SqliteAccessStore.Open(dataFolder) : null;
}
