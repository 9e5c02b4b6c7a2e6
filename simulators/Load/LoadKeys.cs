using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>The topics of a load run, <c>city/{region}/{unit}/air/load-{key}</c>, and how they are chosen. Shared by all connections.</summary>
internal sealed class LoadKeys(int keys, double? zipf)
{
    private readonly byte[][] _topics = Topics(keys);
    private readonly KeyChooser _chooser = new(keys, zipf);

    /// <summary>UTF-8 topic of a message.</summary>
    /// <inheritdoc cref="KeyChooser.Choose"/>
    public ReadOnlyMemory<byte> Topic(long number, ref ulong random) => _topics[_chooser.Choose(number, ref random)];

    /// <summary>Filters that divide all topics among so many subscribers, unit by unit; fewer than <paramref name="subscribers"/> when there are not so many units.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Filters(int keys, int subscribers)
    {
        var units = Geography.Default.Units.Take(keys).ToList();
        return [.. units.Select((u, i) => (Filter: $"city/{u.Region}/{u.Code}/air/+", Owner: i % subscribers)).GroupBy(f => f.Owner, f => f.Filter).Select(g => (IReadOnlyList<string>)[.. g])];
    }

    /// <summary>True for a topic of a load run.</summary>
    public static bool IsKey(ReadOnlySpan<byte> topic) => topic[(topic.LastIndexOf((byte)'/') + 1)..].StartsWith("load-"u8);

    private static byte[][] Topics(int keys)
    {
        var units = Geography.Default.Units;
        var topics = new byte[keys][];
        for (var i = 0; i < keys; i++)
        {
            var unit = units[i % units.Count];
            topics[i] = Encoding.UTF8.GetBytes($"city/{unit.Region}/{unit.Code}/air/load-{i:00000}");
        }

        return topics;
    }
}
