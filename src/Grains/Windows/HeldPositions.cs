namespace SmartCity.Grains;

/// <summary>The oldest position of each gateway that something holds. Nearly always there is one gateway, and then nothing is allocated.</summary>
internal struct HeldPositions
{
    private int _gateway;
    private long _inverted; // long.MaxValue − position, so that the default holds nothing
    private Dictionary<int, long>? _others;

    public HeldPositions(int gateway, long position) => Add(gateway, position);

    public readonly bool IsEmpty => _inverted == 0 && _others is null;

    /// <summary>Oldest position of a gateway; <see cref="long.MaxValue"/> when none is held.</summary>
    public readonly long Of(int gateway) => gateway == _gateway ? long.MaxValue - _inverted : _others?.GetValueOrDefault(gateway, long.MaxValue) ?? long.MaxValue;

    public void Add(int gateway, long position)
    {
        if (position == long.MaxValue) return;
        if (_inverted == 0) _gateway = gateway; // the first one; there are no others yet
        if (gateway == _gateway)
        {
            _inverted = Math.Max(_inverted, long.MaxValue - position);
            return;
        }

        _others ??= [];
        _others[gateway] = Math.Min(position, _others.GetValueOrDefault(gateway, long.MaxValue));
    }

    /// <summary>An independent copy.</summary>
    public readonly HeldPositions Clone() => this with { _others = _others is null ? null : new(_others) };

    public void Add(in HeldPositions other)
    {
        Add(other._gateway, long.MaxValue - other._inverted);
        if (other._others is null) return;
        foreach (var (gateway, position) in other._others) Add(gateway, position);
    }
}
