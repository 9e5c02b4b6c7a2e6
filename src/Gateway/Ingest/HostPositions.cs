namespace SmartCity.Gateway;

/// <summary>
/// Which of this gateway's messages are in the memory of which host and, as far as is known, not in the store. A host's answer says what it held
/// when it was asked; what was delivered to it since is kept apart until the next answer.
/// </summary>
internal sealed class HostPositions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Host> _hosts = [];
    private int _generation;

    /// <summary>Oldest position that may not be stored; <see cref="long.MaxValue"/> for none.</summary>
    public long Oldest
    {
        get
        {
            lock (_lock) return _hosts.Count == 0 ? long.MaxValue : _hosts.Values.Min(h => Math.Min(h.Known, h.Recent));
        }
    }

    /// <summary>Hosts have taken messages, the oldest of them at <paramref name="position"/>.</summary>
    public void Delivered(IReadOnlyList<string> hosts, long position)
    {
        lock (_lock)
        {
            foreach (var name in hosts)
            {
                if (!_hosts.TryGetValue(name, out var host)) _hosts[name] = host = new();
                host.Recent = Math.Min(host.Recent, position);
            }
        }
    }

    /// <summary>Everything is sent again from what the store has.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _hosts.Clear();
            _generation++;
        }
    }

    /// <summary>The hosts to ask. What is delivered from now on is not covered by their answers.</summary>
    public (int Generation, IReadOnlyList<string> Hosts) BeginAsking()
    {
        lock (_lock)
        {
            var asked = new List<string>();
            foreach (var (name, host) in _hosts)
            {
                host.Known = Math.Min(host.Known, host.Recent);
                host.Recent = long.MaxValue;
                if (host.Known != long.MaxValue) asked.Add(name);
            }

            return (_generation, asked);
        }
    }

    /// <summary>A host's answer: the oldest position that it held when it was asked.</summary>
    public void Answered(int generation, string name, long held)
    {
        lock (_lock)
        {
            if (generation == _generation && _hosts.TryGetValue(name, out var host)) host.Known = held;
        }
    }

    private sealed class Host
    {
        public long Known = long.MaxValue;

        public long Recent = long.MaxValue;
    }
}
