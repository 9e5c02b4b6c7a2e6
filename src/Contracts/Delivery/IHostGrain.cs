namespace SmartCity.Contracts;

/// <summary>The host of grains itself, for gateways. The key is the host's name; a host that ends takes its name with it.</summary>
public interface IHostGrain : IGrainWithStringKey
{
    /// <summary>
    /// Completes after the next commit. Everything of the gateway that was in a grain here when the call came is then in the store, but for what
    /// begins at the position given back.
    /// </summary>
    /// <param name="round">Times that the gateway has gone back to what the store has. A loss is told until it has: an answer may be lost too.</param>
    /// <returns>Oldest position of the gateway that a grain of this host holds and the store lacks; <see cref="long.MaxValue"/> for none, −1 when the host of that name is gone, or has let go of messages.</returns>
    ValueTask<long> HeldFrom(int gateway, int round);

    /// <summary>Readings that grains of this host hold and no commit has, by device and hour; of one device, or (null) of all.</summary>
    ValueTask<IReadOnlyList<BufferedOfDevice>> GetBuffered(string? deviceId);
}
