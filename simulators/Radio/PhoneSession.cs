using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>
/// A phone and the cell that serves it. The cell changes by handover only: another one is stronger by the A3 offset for the time to trigger (TS 38.331 §5.5.4.4), the
/// wide-area carrier takes over where the city carrier ends and gives back, or the radio link fails and a new one is made. Between two reports, what decides is taken to change
/// evenly, so that the time to trigger counts from the moment when its condition began. A cell that falls asleep carries nobody: the link to it fails with the next measurement.
/// </summary>
public sealed class PhoneSession
{
    /// <summary>A cell that fails T310 seconds after the signal went below Q_out has lost the phone (TS 38.331 §5.3.10).</summary>
    private const double T310Ms = 1000;

    private const double TimeToTriggerMs = 640;

    /// <summary>Treselection of an idle phone, ms.</summary>
    private const double ReselectionMs = 1000;

    /// <summary>Q_out, the SINR below which control channels are not decoded, dB: practice for the 10 % of TS 38.133 §8.1.</summary>
    private const double OutOfSync = -8;

    /// <summary>Cells below it cannot be camped on, dBm (q-RxLevMin).</summary>
    private const double LeastRsrp = -120;

    /// <summary>Below it, a cell is not found at all, dBm.</summary>
    private const double LeastHeard = -130;

    private const double A3Offset = 3;

    /// <summary>To the wide-area carrier when the serving cell is below the first and the other above the second (A5); back above the third (A4). dBm.</summary>
    private const double LeaveBelow = -112, WideAbove = -110, ReturnAbove = -106;

    /// <summary>After a longer silence the phone was idle and camps anew, ms.</summary>
    private const long IdleAfterMs = 70_000;

    private const int MaxNeighbours = 3;

    private readonly RadioNetwork _network;
    private readonly MobileOperator _owner;
    private readonly UnitInfo _unit;
    private readonly bool _idle;
    private readonly List<CellPower> _received = [];
    private readonly List<CellPower> _neighbours = [];
    private RadioCell? _serving;
    private bool _lost;
    private long _lastMs = long.MinValue;
    private List<(RadioCell Cell, Condition Better)> _candidates = [];
    private List<(RadioCell Cell, Condition Better)> _candidatesBefore = [];
    private Condition _weak;

    /// <param name="idle">A phone that logs without a connection: it reselects after a second instead of being handed over, and has no link that fails.</param>
    public PhoneSession(RadioNetwork network, MobileOperator owner, UnitInfo unit, bool idle = false) => (_network, _owner, _unit, _idle) = (network, owner, unit, idle);

    private double WaitMs => _idle ? ReselectionMs : TimeToTriggerMs;

    /// <summary>Measures at a place; times must not decrease.</summary>
    public PhoneReport At(double latitude, double longitude, DayTime time)
    {
        var now = time.UnixMs;
        _network.Scan(_owner, _unit, latitude, longitude, time, _received);
        if (_serving is null || now - _lastMs > IdleAfterMs) Camp(now);
        var (handedOver, failed) = (false, false);
        var serving = Serving();
        var (target, since) = Target(serving, now);
        var sample = _network.Quality(serving, _received, time);
        var weakSince = _weak.Begin(OutOfSync - sample.Sinr, _lastMs, now);
        var (handoverAt, failureAt) = (since + WaitMs, weakSince + T310Ms);
        if (!_lost && _network.IsAsleep(serving.Cell, now))
        {
            failed = true;
            _lost = !Camp(now);
            sample = _network.Quality(Serving(), _received, time);
        }
        else if (_lost)
        {
            // Without a link, the phone takes what it can camp on.
            if (Camp(now)) _lost = false;
            sample = _network.Quality(Serving(), _received, time);
        }
        else if (target is { } better && handoverAt <= now && handoverAt <= failureAt)
        {
            Serve(better, out handedOver);
            sample = _network.Quality(Serving(), _received, time);
        }
        else if (failureAt <= now)
        {
            failed = true;
            _lost = !Camp(now);
            sample = _network.Quality(Serving(), _received, time);
        }

        _lastMs = now;
        FindNeighbours();
        return new(sample, _neighbours, handedOver && !_idle, failed && !_idle);
    }

    private void Serve(RadioCell cell, out bool changed)
    {
        changed = cell != _serving;
        _serving = cell;
        _weak = default;
        _candidates.Clear();
    }

    /// <summary>Takes the best cell that can be camped on; without one, the phone still shows the last, unless that one sleeps. False when there is none.</summary>
    private bool Camp(long now)
    {
        CellPower? city = null, wide = null;
        foreach (var one in _received)
        {
            if (one.Rsrp < LeastRsrp || _network.IsAsleep(one.Cell, now)) continue;
            ref var best = ref (one.Cell.Carrier == _owner.Main ? ref city : ref wide);
            if (best is null || one.Rsrp > best.Value.Rsrp) best = one;
        }

        var found = city is { } near && (near.Rsrp > ReturnAbove || wide is null || near.Rsrp > wide.Value.Rsrp) ? city : wide;
        Serve(found?.Cell ?? Shown(now), out _);
        return found is not null;
    }

    /// <summary>The cell that a phone without a link shows: scenarios put first sectors to sleep only, so there is always one that is awake.</summary>
    private RadioCell Shown(long now)
    {
        if (_serving is { } last && !_network.IsAsleep(last, now)) return last;
        var strongest = _received.Where(r => !_network.IsAsleep(r.Cell, now)).OrderByDescending(r => r.Rsrp).FirstOrDefault();
        return strongest.Cell ?? _network.Cells.First(c => c.Operator == _owner && c.Unit == _unit && !_network.IsAsleep(c, now));
    }

    private CellPower Serving()
    {
        foreach (var one in _received)
        {
            if (one.Cell == _serving) return one;
        }

        return new(_serving!, -140);
    }

    /// <summary>The cell that the phone should go to and since when, Unix milliseconds: of those whose condition has held for the time to trigger, the one by which it is exceeded most.</summary>
    private (RadioCell? Cell, double SinceMs) Target(CellPower serving, long now)
    {
        (_candidates, _candidatesBefore) = (_candidatesBefore, _candidates);
        _candidates.Clear();
        (RadioCell? Cell, double SinceMs) best = (null, double.PositiveInfinity);
        var most = double.NegativeInfinity;
        var next = 0;
        foreach (var (cell, rsrp) in _received)
        {
            if (cell == serving.Cell || rsrp < LeastRsrp) continue;
            var margin = cell.Carrier == serving.Cell.Carrier ? rsrp - serving.Rsrp - A3Offset
                : cell.Carrier == _owner.Main ? rsrp - ReturnAbove
                : Math.Min(LeaveBelow - serving.Rsrp, rsrp - WideAbove);

            // Both lists are in the order of the network.
            var at = next;
            while (at < _candidatesBefore.Count && _candidatesBefore[at].Cell != cell) at++;
            Condition condition = default;
            if (at < _candidatesBefore.Count) (condition, next) = (_candidatesBefore[at].Better, at + 1);
            var since = condition.Begin(margin, _lastMs, now);
            _candidates.Add((cell, condition));
            if (margin <= most || since + WaitMs > now || _network.IsAsleep(cell, now)) continue;
            (best, most) = ((cell, since), margin);
        }

        return best;
    }

    private void FindNeighbours()
    {
        _neighbours.Clear();
        foreach (var one in _received)
        {
            if (one.Cell == _serving || one.Rsrp < LeastHeard) continue;
            var at = _neighbours.Count;
            while (at > 0 && _neighbours[at - 1].Rsrp < one.Rsrp) at--;
            if (at >= MaxNeighbours) continue;
            _neighbours.Insert(at, one);
            if (_neighbours.Count > MaxNeighbours) _neighbours.RemoveAt(MaxNeighbours);
        }
    }

    /// <summary>A condition that holds while its margin is positive, and since when.</summary>
    private struct Condition
    {
        private const double Far = 50;
        private bool _known;
        private double _last;
        private double _since;

        /// <summary>The moment, Unix milliseconds, from which on the condition holds without a break; positive infinity while it does not.</summary>
        public double Begin(double margin, long lastMs, long now)
        {
            margin = Math.Clamp(margin, -Far, Far);
            if (margin <= 0) _since = double.PositiveInfinity;
            else if (!_known) _since = now;
            else if (_last <= 0) _since = lastMs + ((now - lastMs) * (-_last / (margin - _last)));
            (_known, _last) = (true, margin);
            return _since;
        }
    }
}
