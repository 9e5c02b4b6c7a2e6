using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>A way along a grid of streets: it turns at crossings now and then, and heads back at the edge of the built-up area.</summary>
internal sealed class StreetWalk
{
    private const double Block = 180;
    private readonly UnitInfo _unit;
    private readonly SeededRandom _random;
    private readonly double _radius;
    private double _east;
    private double _north;
    private int _heading;
    private double _toCrossing = Block;

    /// <param name="radius">Of the built-up area around the unit's centre, m.</param>
    /// <param name="startBlocks">It begins within so many blocks of the centre.</param>
    public StreetWalk(UnitInfo unit, SeededRandom random, double radius, int startBlocks)
    {
        (_unit, _random, _radius) = (unit, random, radius);
        _east = Math.Round(random.Between(-startBlocks, startBlocks)) * Block;
        _north = Math.Round(random.Between(-startBlocks, startBlocks)) * Block;
        _heading = random.Below(4);
    }

    /// <summary>Where it is, degrees.</summary>
    public (double Latitude, double Longitude) Position => Geodesy.Move(_unit.Latitude, _unit.Longitude, _east, _north);

    public void Go(double metres)
    {
        while (metres > 0)
        {
            var step = Math.Min(metres, _toCrossing);
            _east += _heading switch { 1 => step, 3 => -step, _ => 0 };
            _north += _heading switch { 0 => step, 2 => -step, _ => 0 };
            metres -= step;
            _toCrossing -= step;
            if (_toCrossing > 0) continue;
            _toCrossing = Block;
            Turn();
        }
    }

    private void Turn()
    {
        var outside = (_east * _east) + (_north * _north) > _radius * _radius;
        if (outside) _heading = Math.Abs(_east) > Math.Abs(_north) ? (_east > 0 ? 3 : 1) : (_north > 0 ? 2 : 0);
        else if (_random.NextDouble() < 0.3) _heading = (_heading + (_random.NextDouble() < 0.5 ? 1 : 3)) % 4;
    }
}
