namespace SmartCity.Simulators;

/// <summary>
/// Which key a message has. Zipf: Walker's alias method (Vose 1991), so that each choice costs the same for any number of keys.
/// Immutable, shared by all connections.
/// </summary>
internal sealed class KeyChooser
{
    private readonly int _keys;
    private readonly double[]? _own;
    private readonly int[]? _alias;

    public KeyChooser(int keys, double? zipf)
    {
        _keys = keys;
        if (zipf is not { } s) return;
        _own = new double[keys];
        _alias = new int[keys];
        var sum = 0d;
        for (var k = 0; k < keys; k++) sum += _own[k] = Math.Pow(k + 1, -s);
        for (var k = 0; k < keys; k++) _own[k] *= keys / sum;
        var small = new Stack<int>(Enumerable.Range(0, keys).Where(k => _own[k] < 1));
        var large = new Stack<int>(Enumerable.Range(0, keys).Where(k => _own[k] >= 1));
        while (small.Count > 0 && large.Count > 0)
        {
            int poor = small.Pop(), rich = large.Pop();
            _alias[poor] = rich;
            _own[rich] -= 1 - _own[poor];
            (_own[rich] < 1 ? small : large).Push(rich);
        }

        // What rounding leaves over keeps its own place.
        foreach (var k in small.Concat(large)) _own[k] = 1;
    }

    /// <summary>The key of a message.</summary>
    /// <param name="number">Number of the message in the run; equally chosen keys go in turn.</param>
    /// <param name="random">State of the caller's generator (xorshift64*), never zero.</param>
    public int Choose(long number, ref ulong random)
    {
        if (_own is null) return (int)(number % _keys);
        random ^= random >> 12;
        random ^= random << 25;
        random ^= random >> 27;
        var bits = random * 0x2545F4914F6CDD1DUL;
        var column = (int)((bits >> 32) * (ulong)_keys >> 32);
        return (uint)bits * (1.0 / (1L << 32)) < _own[column] ? column : _alias![column];
    }
}
