namespace SmartCity.Simulators;

/// <summary>
/// The open loop: sends the messages of some connections when they are due, in turn. A connection whose broker does not keep up falls behind and keeps the
/// due times of what it owes; the others go on. Nothing is queued: what a connection owes is a number.
/// </summary>
/// <param name="share">This schedule sends the messages with number ≡ share (mod shares).</param>
/// <param name="total">Messages of all shares.</param>
internal sealed class LoadSchedule(IReadOnlyList<LoadConnection> connections, LoadKeys keys, double rate, long total, int share, int shares, TimeProvider time)
{
    private readonly List<LoadConnection> _behind = [];
    private long _start;

    /// <summary>Sends until all are sent, or until nothing more can be.</summary>
    /// <param name="start">Timestamp of the run's first message.</param>
    /// <param name="patience">How long to wait at the end for connections that are behind.</param>
    public async Task RunAsync(long start, TimeSpan patience, CancellationToken stop)
    {
        _start = start;
        var mine = (total - share + shares - 1) / shares;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1), time);
        try
        {
            for (long next = 0; next < mine || _behind.Count > 0;)
            {
                var elapsed = time.GetElapsedTime(start);
                if (next >= mine && elapsed > Due(mine - 1) + patience) return;
                var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
                _behind.RemoveAll(c => !(c.IsBehind = !CatchUp(c, nowMs, stop)));
                var due = Math.Min(mine, DueBy(elapsed));
                for (; next < due; next++)
                {
                    var connection = connections[(int)(next % connections.Count)];

                    // Only its last message of this turn is flushed.
                    if (connection.Due++ == connection.Begun && connection.IsReady()) Begin(connection, nowMs, next >= due - connections.Count, stop);
                    if (connection.Begun < connection.Due || connection.Waiting is not null) Note(connection);
                }

                await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over; what is owed is counted.
        }
    }

    /// <summary>True when it owes nothing any more, or never will send it.</summary>
    private bool CatchUp(LoadConnection connection, long nowMs, CancellationToken stop)
    {
        while (connection.IsReady())
        {
            if (connection.Begun == connection.Due) return true;
            Begin(connection, nowMs, connection.Begun == connection.Due - 1, stop);
        }

        return connection.Loss is not null;
    }

    private void Note(LoadConnection connection)
    {
        if (connection.IsBehind || connection.Loss is not null) return;
        connection.IsBehind = true;
        _behind.Add(connection);
    }

    private void Begin(LoadConnection connection, long nowMs, bool flush, CancellationToken stop)
    {
        var turn = (connection.Begun * connections.Count) + connection.Turn;
        var due = _start + (long)(Due(turn).TotalSeconds * time.TimestampFrequency);
        connection.Begin(keys, (turn * shares) + share, due, nowMs, flush, stop);
    }

    private TimeSpan Due(long turn) => TimeSpan.FromSeconds(((turn * shares) + share) / rate);

    private long DueBy(TimeSpan elapsed) => (long)Math.Floor(((elapsed.TotalSeconds * rate) - share) / shares) + 1;
}
