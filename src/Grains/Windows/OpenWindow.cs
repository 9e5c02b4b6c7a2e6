namespace SmartCity.Grains;

/// <summary>
/// A window in memory, from its first reading until it is stored. There may be millions: small windows are an array of readings, and only
/// larger ones hold statistics. Adding in the order of arrival makes replay give the same bits.
/// </summary>
internal sealed class OpenWindow(long startMs)
{
    private const int RawLimit = 16;

    private object? _state; // RawReading[] or DenseWindow; null while one reading at most is here
    private RawReading _first;
    private Past? _past; // null while nothing but in-time readings has happened
    private int _rawCount;
    private int _pending;

    public OpenWindow? Next;

    public long StartMs { get; } = startMs;

    /// <summary>The gateway of <see cref="AppliedThrough"/> and <see cref="HeldPosition"/>; see <see cref="Turn"/>.</summary>
    public int Gateway { get; private set; }

    /// <summary>Position of the last message taken.</summary>
    public long AppliedThrough { get; private set; } = -1;

    /// <summary>Position of the first message that no emission holds; <see cref="long.MaxValue"/> when there is none.</summary>
    public long HeldPosition { get; private set; } = long.MaxValue;

    /// <summary>The same of every gateway.</summary>
    public HeldPositions Held
    {
        get
        {
            var held = new HeldPositions(Gateway, HeldPosition);
            if (_past?.Others is not { } others) return held;
            foreach (var other in others) held.Add(other.Gateway, other.Held);
            return held;
        }
    }

    /// <summary>Number of the commit that holds the last emission; 0 before the first.</summary>
    public long EmittedIn => _past?.EmittedIn ?? 0;

    public bool IsDirty => HeldPosition != long.MaxValue || (_past?.Others?.Any(o => o.Held != long.MaxValue) ?? false);

    /// <summary>Readings, duplicates included, that are not in a commit up to <paramref name="committed"/>.</summary>
    public int Buffered(long committed) => _pending + (EmittedIn > committed ? _past!.EmittedPending : 0);

    /// <summary>A window as it stands in the store, to be corrected.</summary>
    /// <param name="keepsReadings">Whether its readings are to be handed over as they were measured.</param>
    public static OpenWindow FromStore(DeviceWindow row, bool keepsReadings) => new(row.StartMs)
    {
        _state = new DenseWindow { Aggregate = row.Aggregate.Clone(), Delta = new WindowAggregate(), Seen = SeenReadings.FromBytes(row.Seen), Fresh = keepsReadings ? [] : null },
        _past = new()
        {
            Late = (int)row.Late,
            Duplicates = (int)row.Duplicates,
            Revision = row.Revision,
            Others = row.Others is { Count: > 0 } others ? [.. others.Select(o => (o.Gateway, o.Through, long.MaxValue))] : null,
        },
        Gateway = row.Gateway,
        AppliedThrough = row.AppliedThrough,
    };

    /// <summary>Makes a gateway the one whose positions are in hand. A device nearly always has one; another costs a list.</summary>
    public void Turn(int gateway)
    {
        if (gateway == Gateway) return;
        if (AppliedThrough == -1 && _past?.Others is null)
        {
            Gateway = gateway; // nothing was taken yet
            return;
        }

        var others = (_past ??= new()).Others ??= [];
        var at = others.FindIndex(o => o.Gateway == gateway);
        var next = at < 0 ? (gateway, -1, long.MaxValue) : others[at];
        var last = (Gateway, AppliedThrough, HeldPosition);
        if (at < 0) others.Add(last);
        else others[at] = last;
        (Gateway, AppliedThrough, HeldPosition) = next;
    }

    /// <summary>Takes a reading.</summary>
    /// <returns>False when it is one that the window already has; it is then counted as a duplicate.</returns>
    /// <param name="form">How the metric's statistics are kept; the same in every call.</param>
    /// <param name="keepsReadings">Whether its readings are to be handed over as they were measured; the same in every call.</param>
    public bool Add(long position, long eventMs, long? sequence, double value, bool late, MetricForm form, bool keepsReadings)
    {
        AppliedThrough = position;
        if (HeldPosition == long.MaxValue) HeldPosition = position;
        _pending++;
        var reading = new RawReading((int)(eventMs - StartMs), (int)(sequence ?? -1), value);
        if (!(_state is DenseWindow dense ? AddDense(dense, reading, eventMs, form) : AddRaw(reading, form, keepsReadings)))
        {
            (_past ??= new()).Duplicates++;
            return false;
        }

        if (late) (_past ??= new()).Late++;
        return true;
    }

    /// <summary>The row to store, what it adds to the area above and, where they are kept, the readings that it adds; marks the window as emitted.</summary>
    public (DeviceWindow Row, WindowAggregate Delta, ReadingBlock? Readings) Emit(string deviceId, StreamName stream, string metric, long commit, MetricForm form, bool keepsReadings)
    {
        var past = _past ??= new();
        var fresh = keepsReadings && TakeFresh(past.RawEmitted) is { Length: > 0 } some
            ? new ReadingBlock(deviceId, stream, metric, StartMs, some.Length, ReadingCodec.Encode(StartMs, some)) : null;
        var row = ToRow(deviceId, stream, metric, past.Revision + 1, form);
        WindowAggregate delta;
        if (_state is DenseWindow dense)
        {
            delta = dense.Delta ?? row.Aggregate;
            dense.Delta = new WindowAggregate();
        }
        else
        {
            delta = past.RawEmitted == 0 ? row.Aggregate : AggregateOf(Raw[past.RawEmitted..], form);
            past.RawEmitted = _rawCount;
        }

        past.Revision++;
        // A tick that failed before its commit was taken emits into the same commit again.
        past.EmittedPending = _pending + (past.EmittedIn == commit ? past.EmittedPending : 0);
        past.EmittedIn = commit;
        _pending = 0;
        HeldPosition = long.MaxValue;
        for (var i = 0; i < past.Others?.Count; i++) past.Others[i] = past.Others[i] with { Held = long.MaxValue };
        return (row, delta, fresh);
    }

    /// <summary>Readings that the next emission hands over as they were measured, where they are kept.</summary>
    public int Fresh => _state is DenseWindow dense ? dense.Fresh?.Count ?? 0 : _rawCount - (_past?.RawEmitted ?? 0);

    /// <summary>The window as a row, without marking anything.</summary>
    public DeviceWindow Peek(string deviceId, StreamName stream, string metric, MetricForm form) => ToRow(deviceId, stream, metric, _past?.Revision ?? 0, form);

    private DeviceWindow ToRow(string deviceId, StreamName stream, string metric, int revision, MetricForm form)
    {
        var (aggregate, seen) = _state is DenseWindow dense
            ? (dense.Aggregate.Clone(), dense.Seen.ToArray())
            : (AggregateOf(Raw, form), SeenOf(Raw).ToArray());
        return new()
        {
            DeviceId = deviceId,
            Stream = stream,
            Metric = metric,
            StartMs = StartMs,
            Aggregate = aggregate,
            Late = _past?.Late ?? 0,
            Duplicates = _past?.Duplicates ?? 0,
            Gateway = Gateway,
            AppliedThrough = AppliedThrough,
            Others = _past?.Others?.ConvertAll(o => new GatewayPosition(o.Gateway, o.Through)),
            Revision = revision,
            Seen = seen,
        };
    }

    private ReadOnlySpan<RawReading> Raw => _state is RawReading[] raw ? raw.AsSpan(0, _rawCount) : new ReadOnlySpan<RawReading>(in _first)[.._rawCount];

    private bool AddRaw(in RawReading reading, MetricForm form, bool keepsReadings)
    {
        foreach (ref readonly var known in Raw)
        {
            if (known.OffsetMs == reading.OffsetMs && known.Sequence == reading.Sequence) return false;
        }

        if (_rawCount == 0)
        {
            _first = reading;
            _rawCount = 1;
            return true;
        }

        if (_rawCount == RawLimit)
        {
            var dense = new DenseWindow
            {
                Aggregate = AggregateOf(Raw, form),
                Delta = _past is not { Revision: > 0 } past ? null : AggregateOf(Raw[past.RawEmitted..], form),
                Seen = SeenOf(Raw),
                Fresh = keepsReadings ? FreshOf(_past?.RawEmitted ?? 0) : null,
            };
            _state = dense;
            return AddDense(dense, reading, StartMs + reading.OffsetMs, form);
        }

        var raw = (RawReading[]?)_state;
        if (raw is null || _rawCount == raw.Length)
        {
            var larger = new RawReading[_rawCount == 1 ? 4 : RawLimit];
            Raw.CopyTo(larger);
            _state = raw = larger;
        }

        raw[_rawCount++] = reading;
        return true;
    }

    private static bool AddDense(DenseWindow dense, in RawReading reading, long eventMs, MetricForm form)
    {
        if (dense.Fresh is { } fresh)
        {
            var shares = dense.Seen.HasInstant(reading.OffsetMs);
            if (!dense.Seen.Add(reading.OffsetMs, reading.Sequence)) return false;
            fresh.Add(shares ? reading with { OffsetMs = ~reading.OffsetMs } : reading);
        }
        else if (!dense.Seen.Add(reading.OffsetMs, reading.Sequence)) return false;

        dense.Aggregate.Add(eventMs, reading.Value, form);
        dense.Delta?.Add(eventMs, reading.Value, form);
        return true;
    }

    private WindowAggregate AggregateOf(ReadOnlySpan<RawReading> raw, MetricForm form)
    {
        var aggregate = new WindowAggregate();
        foreach (ref readonly var reading in raw) aggregate.Add(StartMs + reading.OffsetMs, reading.Value, form);
        return aggregate;
    }

    // Those behind the ones that were emitted; see DenseWindow.Fresh for the complement.
    private List<RawReading> FreshOf(int emitted)
    {
        var raw = Raw;
        var fresh = new List<RawReading>();
        for (var i = emitted; i < raw.Length; i++)
        {
            var shares = false;
            foreach (ref readonly var earlier in raw[..i]) shares |= earlier.OffsetMs == raw[i].OffsetMs;
            fresh.Add(shares ? raw[i] with { OffsetMs = ~raw[i].OffsetMs } : raw[i]);
        }

        return fresh;
    }

    private StoredReading[] TakeFresh(int emitted)
    {
        var dense = _state as DenseWindow;
        var fresh = dense is null ? FreshOf(emitted) : dense.Fresh!;
        var readings = new StoredReading[fresh.Count];
        for (var i = 0; i < readings.Length; i++)
        {
            var (offset, sequence, value) = fresh[i];
            readings[i] = new(StartMs + (offset < 0 ? ~offset : offset), sequence, value, offset < 0);
        }

        if (dense is not null) dense.Fresh = [];
        return readings;
    }

    private static SeenReadings SeenOf(ReadOnlySpan<RawReading> raw)
    {
        var seen = default(SeenReadings);
        foreach (ref readonly var reading in raw) seen.Add(reading.OffsetMs, reading.Sequence);
        return seen;
    }

    /// <summary>What most windows never have: an emission, late readings, duplicates.</summary>
    private sealed class Past
    {
        public int Late;
        public int Duplicates;
        public int Revision;
        public int RawEmitted; // raw readings that the last emission holds
        public int EmittedPending; // readings, duplicates included, that came with the last emission
        public long EmittedIn;
        public List<(int Gateway, long Through, long Held)>? Others; // of gateways but the one in hand
    }
}
