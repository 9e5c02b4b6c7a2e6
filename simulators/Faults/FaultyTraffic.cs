using System.Text;

namespace SmartCity.Simulators;

/// <summary>
/// The messages of a city as they leave, with faults put in at chosen rates. Without clock or network: the same options, rates and start give the same bytes and the
/// same faults. What is held back (delayed, reordered) is bounded by <see cref="MaxHeld"/>; at the limit messages leave at once and whole.
/// </summary>
public sealed class FaultyTraffic : IDisposable
{
    /// <summary>Messages held back at most.</summary>
    public const int MaxHeld = 20_000;

    private const long MinuteMs = 60_000;
    private readonly CityTraffic _traffic;
    private readonly FaultRates _rates;
    private readonly SeededRandom[] _random;
    private readonly Dictionary<int, DeviceState> _devices = [];
    private readonly PriorityQueue<FaultyMessage, (long DueMs, long Number)> _held = new();
    private readonly Queue<FaultyMessage> _ready = new();
    private readonly int _seed;
    private long _number;
    private int _swapped;

    /// <param name="startMs">Unix milliseconds from which on devices measure.</param>
    public FaultyTraffic(CityOptions options, FaultRates rates, long startMs)
    {
        _traffic = new(options, startMs);
        _rates = rates;
        _seed = options.Seed;

        // A stream for each fault: another rate of one does not move the others.
        _random = [.. FaultRates.Names.Select(name => SeededRandom.For(options.Seed, "fault/" + name))];
    }

    public int DeviceCount => _traffic.DeviceCount;

    /// <summary>Scenarios of the run with their times.</summary>
    public CityConditions Conditions => _traffic.Conditions;

    /// <summary>What is wrong with the 5G network and when.</summary>
    public IReadOnlyList<RadioProblem> Problems => _traffic.Problems;

    /// <summary>When the next message leaves at the earliest; Unix milliseconds of event time.</summary>
    public long NextMs => _ready.Count > 0 ? _ready.Peek().DueMs : Math.Min(_traffic.NextMs, _held.TryPeek(out _, out var due) ? due.DueMs : long.MaxValue);

    /// <summary>The next message that leaves at or before a time; null when there is none.</summary>
    public FaultyMessage? TryNext(long untilMs)
    {
        while (true)
        {
            if (_ready.TryDequeue(out var ready)) return ready;
            var held = _held.TryPeek(out _, out var due) ? due.DueMs : long.MaxValue;
            if (held <= untilMs && held <= _traffic.NextMs) return _held.Dequeue();
            if (!_traffic.TryNext(untilMs)) return null;
            Make();
        }
    }

    /// <summary>Lets go of what is held back still; null when there is nothing. After the last <see cref="TryNext"/>.</summary>
    public FaultyMessage? Flush()
    {
        if (_ready.TryDequeue(out var ready)) return ready;
        if (_held.TryDequeue(out var held, out _)) return held;
        foreach (var state in _devices.Values)
        {
            if (state.Swapped is not { } swapped) continue;
            state.Swapped = null;
            return swapped;
        }

        return null;
    }

    public void Dispose() => _traffic.Dispose();

    private void Make()
    {
        var state = StateOf(_traffic.Device);
        var draft = PayloadDraft.Parse(_traffic.Payload);
        var message = new FaultyMessage
        {
            Number = ++_number,
            DueMs = _traffic.MeasuredMs,
            Device = _traffic.Device,
            Stream = state.Stream,
            LedgerDevice = state.Stream[(state.Stream.LastIndexOf('/') + 1)..],
            Topic = state.Topic,
            Payload = [],
            EventMs = _traffic.MeasuredMs + state.SkewMs,
            Sequence = ++state.Sequence,
            Kept = [.. draft.Metrics],
            Place = draft.Place,
        };
        if (state.SkewMs != 0) message.Faults.Add("clock-skew");
        if (_traffic.OffBecause is { } cause)
        {
            message.Faults.Add(cause);
            message.Route = SendRoute.Lost;
        }

        foreach (var scenario in _traffic.FrozenBy) message.Faults.Add("scenario:" + scenario);

        // Each fault draws for each message, so that what is sent does not depend on what happened to other messages.
        if (Happens(FaultKind.ReconnectStorm))
        {
            message.CutsConnections = true;
            message.Faults.Add("reconnect-storm");
        }

        Freeze(state, message, draft);
        var whole = !Jump(state, message);
        draft.Set("ts", message.EventMs);
        draft.Set("seq", message.Sequence);
        message.Payload = draft.ToBytes();
        Break(message, draft, whole);
        Deliver(state, message);
    }

    private DeviceState StateOf(int device)
    {
        if (_devices.TryGetValue(device, out var state)) return state;
        var topic = _traffic.Topic.ToArray();
        state = new(topic, Encoding.UTF8.GetString(topic));
        var skew = SeededRandom.For(_seed, "skew/" + state.Stream);
        if (skew.NextDouble() < _rates[FaultKind.ClockSkew]) state.SkewMs = (long)skew.Between(5_000, 120_000) * (skew.NextDouble() < 0.5 ? -1 : 1);
        _devices.Add(device, state);
        return state;
    }

    private void Freeze(DeviceState state, FaultyMessage message, PayloadDraft draft)
    {
        if (state.FrozenLeft == 0 && Happens(FaultKind.Frozen))
        {
            state.FrozenLeft = 5 + _random[(int)FaultKind.Frozen].Below(16);
            state.Frozen = message.Kept;
        }

        if (state.FrozenLeft == 0) return;
        state.FrozenLeft--;
        message.Faults.Add("frozen");
        foreach (var (metric, value) in state.Frozen) draft.Set(metric, value);
        message.Kept = [.. draft.Metrics];
    }

    /// <summary>True when the clock has jumped to where no reading is taken.</summary>
    private bool Jump(DeviceState state, FaultyMessage message)
    {
        var random = _random[(int)FaultKind.ClockJump];
        if (state.JumpLeft == 0 && Happens(FaultKind.ClockJump))
        {
            state.JumpLeft = 1 + random.Below(5);
            state.JumpMs = random.Below(3) switch
            {
                0 => -(long)random.Between(60 * MinuteMs, 360 * MinuteMs),
                1 => (long)random.Between(365.0 * 24 * 60 * MinuteMs, 3 * 365.0 * 24 * 60 * MinuteMs),
                _ => -message.EventMs + (long)random.Between(0, 60 * MinuteMs), // as after a battery change
            };
        }

        if (state.JumpLeft == 0) return false;
        state.JumpLeft--;
        message.EventMs += state.JumpMs;
        message.Faults.Add(state.JumpMs > 0 ? "clock-jump:ahead" : message.EventMs < 366L * 24 * 60 * MinuteMs ? "clock-jump:1970" : "clock-jump:back");
        var reason = state.JumpMs > 0 ? "future-timestamp" : message.EventMs < 366L * 24 * 60 * MinuteMs ? "bad-timestamp" : null;
        if (reason is null) return false;
        message.Rejected[reason] = Math.Max(1, message.Kept.Count);
        message.Kept = [];
        return true;
    }

    private void Break(FaultyMessage message, PayloadDraft draft, bool whole)
    {
        // One at a time: two mistakes in one payload would be a test of which is found first.
        var (malformed, oversized, topic, spike) =
            (Happens(FaultKind.Malformed), Happens(FaultKind.Oversized), Happens(FaultKind.WrongTopic), Happens(FaultKind.Spike));
        if (!whole || message.Kept.Count == 0 || message.Route == SendRoute.Lost) return;
        if (malformed) BrokenPayloads.Malform(message, draft, _random[(int)FaultKind.Malformed]);
        else if (oversized) BrokenPayloads.Oversize(message, draft, _random[(int)FaultKind.Oversized]);
        else if (topic) BrokenPayloads.WrongTopic(message, _random[(int)FaultKind.WrongTopic]);
        else if (spike) BrokenPayloads.Spike(message, draft, _random[(int)FaultKind.Spike]);
    }

    private void Deliver(DeviceState state, FaultyMessage message)
    {
        var (loss, stale, twice, late, swap) = (Happens(FaultKind.Loss), Happens(FaultKind.StaleCredentials), Happens(FaultKind.Duplicate), Happens(FaultKind.Delay), Happens(FaultKind.Reorder));
        if (loss && message.Route == SendRoute.Normal)
        {
            message.Route = SendRoute.Lost;
            message.Faults.Add("loss");
        }

        if (stale && message.Route == SendRoute.Normal)
        {
            message.Route = SendRoute.StaleCredentials;
            message.Faults.Add("stale-credentials");
        }

        var held = state.Swapped;
        state.Swapped = null;
        if (message.Route == SendRoute.Lost)
        {
            _ready.Enqueue(message);
        }
        else
        {
            if (twice) Copy(message);
            Send(state, message, late, swap && held is null);
        }

        if (held is null) return;
        _swapped--;
        _ready.Enqueue(held);
        held.DueMs = message.DueMs;
    }

    private void Send(DeviceState state, FaultyMessage message, bool late, bool swap)
    {
        if (late && _held.Count + _swapped < MaxHeld)
        {
            message.Faults.Add("delay");
            message.DueMs += (long)_random[(int)FaultKind.Delay].Between(MinuteMs, 60 * MinuteMs);
            _held.Enqueue(message, (message.DueMs, message.Number));
        }
        else if (swap && _held.Count + _swapped < MaxHeld)
        {
            message.Faults.Add("reorder");
            state.Swapped = message;
            _swapped++;
        }
        else
        {
            _ready.Enqueue(message);
        }
    }

    /// <summary>A second message with the same bytes, which leaves up to two minutes later.</summary>
    private void Copy(FaultyMessage message)
    {
        var copy = new FaultyMessage
        {
            Number = ++_number,
            DueMs = message.DueMs + (long)_random[(int)FaultKind.Duplicate].Between(0, 2 * MinuteMs),
            Device = message.Device,
            Stream = message.Stream,
            LedgerDevice = message.LedgerDevice,
            Topic = message.Topic,
            Payload = message.Payload,
            EventMs = message.EventMs,
            Sequence = message.Sequence,
            Route = message.Route,
            Kept = message.Kept,
            Place = message.Place,
            Faults = [.. message.Faults.Where(f => f != "reconnect-storm"), "duplicate"],
        };
        foreach (var (reason, readings) in message.Rejected) copy.Rejected.Add(reason, readings);
        _held.Enqueue(copy, (copy.DueMs, copy.Number));
    }

    private bool Happens(FaultKind kind) => _rates[kind] > 0 && _random[(int)kind].NextDouble() < _rates[kind];

    private sealed class DeviceState(byte[] topic, string stream)
    {
        public byte[] Topic { get; } = topic;

        public string Stream { get; } = stream;

        public long Sequence { get; set; }

        public long SkewMs { get; set; }

        public int FrozenLeft { get; set; }

        public List<(string Metric, double Value)> Frozen { get; set; } = [];

        public int JumpLeft { get; set; }

        public long JumpMs { get; set; }

        public FaultyMessage? Swapped { get; set; }
    }
}
