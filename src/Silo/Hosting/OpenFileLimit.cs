using SmartCity.Mqtt;

namespace SmartCity.Silo;

/// <summary>Each connection is an open file. Where the process may open fewer than the broker's limits promise, the limits give way, not the store.</summary>
internal static class OpenFileLimit
{
    /// <summary>What log, store, HTTP and the runtime need.</summary>
    private const long Reserve = 512;

    /// <summary>Lowers the limits to what fits; answers the line that says so, or null.</summary>
    /// <param name="processLimits">The text of <c>/proc/self/limits</c>; null where there is none.</param>
    public static string? Apply(MqttLimits limits, string? processLimits)
    {
        if (Soft(processLimits) is not { } files || limits.MaxConnections + limits.MaxPendingConnections + Reserve <= files) return null;
        var wanted = limits.MaxConnections;
        var room = (int)Math.Max(2, files - Reserve);
        limits.MaxPendingConnections = Math.Max(1, Math.Min(limits.MaxPendingConnections, room / 8));
        limits.MaxConnections = Math.Max(1, Math.Min(limits.MaxConnections, room - limits.MaxPendingConnections));
        return $"This process may open {files} files, so Mqtt:Limits:MaxConnections is {limits.MaxConnections} instead of {wanted}. "
            + $"Raise it before the start with 'ulimit -n {wanted + 4096 + Reserve}' (LimitNOFILE in a systemd unit).";
    }

    /// <summary>The limits of this process, on Linux.</summary>
    public static string? Read()
    {
        try
        {
            return File.ReadAllText("/proc/self/limits");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // another system: its own errors will do
        }
    }

    private static long? Soft(string? processLimits)
    {
        const string Name = "Max open files";
        var line = processLimits?.Split('\n').FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        var soft = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        return long.TryParse(soft, out var files) ? files : null; // "unlimited" is none
    }
}
