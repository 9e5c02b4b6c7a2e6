using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;

namespace SmartCity.Storage;

/// <summary>Adds storages of grain states that are files.</summary>
public static class SqliteGrainStorageExtensions
{
    /// <summary>Adds a storage for <c>[PersistentState(…, name)]</c>; <c>Default</c> is the storage of states that name none.</summary>
    /// <param name="builder">The host of the grains.</param>
    /// <param name="name">Name of the storage.</param>
    /// <param name="dataFolder">Folder of its file, <see cref="SqliteGrainStorage.FileName"/>.</param>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder builder, string name, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddKeyedSingleton<IGrainStorage>(name, (_, _) => new SqliteGrainStorage(dataFolder));
        return builder;
    }
}
