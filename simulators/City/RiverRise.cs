namespace SmartCity.Simulators;

/// <summary>
/// How much rain has raised a river: two leaky reservoirs, one behind the other (Nash's cascade), so that the crest comes a few hours after the rain. Worked out from
/// the rain of the last two days on a grid of ten minutes, so that it depends on the time alone and not on who asked before.
/// </summary>
internal sealed class RiverRise(Func<DayTime, double> rain)
{
    private const long GridMs = 600_000;
    private const long StepMs = 1_800_000;
    private const double DrainHours = 4;
    private const int MemoryHours = 48; // e^-12: nothing is left

    /// <summary>Metres of level for each mm/h that runs off.</summary>
    private const double MetresPerMillimetre = 0.12;

    private long _index = long.MinValue;
    private double _before;
    private double _after;

    /// <summary>Metres above the level of dry weather.</summary>
    public double At(long ms)
    {
        var index = (long)Math.Floor(ms / (double)GridMs);
        if (index != _index)
        {
            _before = index == _index + 1 ? _after : Of(index * GridMs);
            _after = Of((index + 1) * GridMs);
            _index = index;
        }

        var share = (ms - (index * GridMs)) / (double)GridMs;
        return _before + (share * (_after - _before));
    }

    private double Of(long ms)
    {
        const double StepHours = StepMs / 3_600_000.0;
        var runoff = 0.0;
        for (var hours = StepHours / 2; hours < MemoryHours; hours += StepHours)
            runoff += rain(new(ms - (long)(hours * 3_600_000))) * hours / (DrainHours * DrainHours) * Math.Exp(-hours / DrainHours) * StepHours;
        return MetresPerMillimetre * runoff;
    }
}
