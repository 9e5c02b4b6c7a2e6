using System.Collections.Concurrent;

namespace SmartCity.Grains;

/// <summary>
/// One string for each metric name of the process. A message from another process brings strings of its own, and a million grains would each
/// keep theirs.
/// </summary>
public sealed class MetricNames
{
    private const int MaxNames = 1 << 16; // names come from outside; beyond, each grain keeps its own

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    public string Intern(string name) => _names.TryGetValue(name, out var known) ? known : _names.Count < MaxNames ? _names.GetOrAdd(name, name) : name;
}
