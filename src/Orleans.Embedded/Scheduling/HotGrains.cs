namespace Orleans.Runtime;

/// <summary>
/// The grains that are called most, from a sample of the calls: the space-saving sketch of A. Metwally, D. Agrawal and A. El Abbadi,
/// "Efficient computation of frequent and top-k elements in data streams" (2005). Counts are halved now and then, so that they speak of the recent past.
/// </summary>
internal sealed class HotGrains
{
    private const int Places = 64;

    private readonly Lock _lock = new();
    private readonly Activation?[] _grains = new Activation?[Places];
    private readonly long[] _counts = new long[Places];

    public void Add(Activation grain)
    {
        lock (_lock)
        {
            var least = 0;
            for (var i = 0; i < Places; i++)
            {
                if (ReferenceEquals(_grains[i], grain))
                {
                    _counts[i]++;
                    return;
                }

                if (_counts[i] < _counts[least]) least = i;
            }

            _grains[least] = grain;
            _counts[least]++;
        }
    }

    public void Halve()
    {
        lock (_lock)
        {
            for (var i = 0; i < Places; i++)
            {
                _counts[i] /= 2;
                if (_counts[i] == 0) _grains[i] = null; // keeps no dead grain in memory
            }
        }
    }

    public List<(Activation Grain, long Count)> Snapshot()
    {
        lock (_lock) return [.. _grains.Zip(_counts).Where(p => p.First is not null).Select(p => (p.First!, p.Second))];
    }
}
