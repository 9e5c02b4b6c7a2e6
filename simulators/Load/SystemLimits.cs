using System.Globalization;

namespace SmartCity.Simulators;

/// <summary>What the operating system allows one process, asked before it refuses in the middle of a run. Only Linux tells; elsewhere nothing is checked.</summary>
internal static class SystemLimits
{
    // The runtime's own files, its epoll handles, the console.
    private const int OwnFiles = 200;

    /// <exception cref="ArgumentException">So many connections cannot be opened; the message says what to change.</exception>
    public static void Check(int connections, int sources) => Check(connections, sources, OpenFiles(), LocalPorts());

    public static void Check(int connections, int sources, long? openFiles, int? localPorts)
    {
        if (openFiles is { } files && connections + OwnFiles > files)
        {
            throw new ArgumentException(
                $"{connections} connections need {connections + OwnFiles} open files, and this process may have {files}, its hard limit. Run 'ulimit -n {connections + OwnFiles}' as root first " +
                $"(or LimitNOFILE= of the systemd unit, or nofile in /etc/security/limits.conf), start several 'load' beside each other, or lower --connections to {Math.Max(0, files - OwnFiles)}. The broker needs as many.");
        }

        if (localPorts is { } ports && connections > (long)ports * Math.Max(1, sources))
        {
            var needed = (connections + ports - 1) / ports;
            throw new ArgumentException(
                $"{connections} connections to one address need {needed} source addresses of {ports} ports each, and there {(sources <= 1 ? "is one" : $"are {sources}")}. " +
                $"For a broker on this machine write --source 127.0.0.2-127.0.0.{needed + 1}, or widen net.ipv4.ip_local_port_range.");
        }
    }

    private static long? OpenFiles()
    {
        try
        {
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
            var words = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            // The runtime has raised its soft limit to the hard one already.
            return words is [var soft, ..] && long.TryParse(soft, CultureInfo.InvariantCulture, out var files) ? files : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int? LocalPorts()
    {
        try
        {
            var words = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
            return words is [var low, var high] ? int.Parse(high, CultureInfo.InvariantCulture) - int.Parse(low, CultureInfo.InvariantCulture) + 1 : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
