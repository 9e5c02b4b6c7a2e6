namespace SmartCity.Mqtt;

/// <content>Sessions and retained messages on disk.</content>
public sealed partial class MqttBroker
{
    private SessionJournal? _journal;
    private long _lastNumber;
    private int _compacting;

    internal SessionJournal? Journal => _journal;

    /// <summary>
    /// Keeps sessions that outlive their connection, and retained messages, in a folder, and takes over what an earlier process left there.
    /// To be called once, when the publish handler is open, and before the first connection; without it everything is in memory.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    /// <exception cref="InvalidDataException">A newer version wrote it.</exception>
    public async Task OpenSessionsAsync(string folder)
    {
        if (_journal is not null) throw new InvalidOperationException("The sessions are open already.");
        var journal = new SessionJournal(folder, Metrics, Log);
        try
        {
            var state = await Task.Run(journal.Open).ConfigureAwait(false);
            Restore(state, journal);
        }
        catch
        {
            journal.Dispose();
            throw;
        }

        _journal = Retained.Journal = journal;
        await StateAllAsync(journal).ConfigureAwait(false);
    }

    private void Restore(RestoredState state, SessionJournal journal)
    {
        var now = Time.GetUtcNow().ToUnixTimeMilliseconds();
        _lastNumber = state.LastNumber;
        Retained.Restore(state.Retained.Where(r => r.Value.ExpiresAt > now));

        // What the application does not hold was never acknowledged, and its publisher sends it again. Without an answer everything counts.
        var durable = Handler.DurableTicket;
        var sessions = new List<(MqttSession Session, RestoredSession Restored, long Number)>();
        foreach (var (number, restored) in state.Sessions)
        {
            var endsAt = restored.EndsAt != 0 ? restored.EndsAt : now + (restored.ExpirySeconds * 1000L);
            var will = restored.Will is null
                ? null
                : new PendingWill(restored.Will, new(restored.ClientId, restored.UserName, remoteEndPoint: null, restored.Version, Time.GetUtcNow()));
            if (endsAt <= now)
            {
                if (will is not null) _wills.Publish(will);
                continue;
            }

            // A connection that the end of the process cut off leaves its will after the delay, as if it had just been lost.
            var session = new MqttSession(restored.ClientId, Budget) { EndsAt = After(TimeSpan.FromMilliseconds(endsAt - now)) };
            var delay = (restored.Will?.Properties?.WillDelayInterval ?? 0) * 1000L;
            var dueIn = Math.Max(0, Math.Min(restored.WillDueAt != 0 ? restored.WillDueAt - now : delay, endsAt - now));
            if (will is not null) session.Will = (will, After(TimeSpan.FromMilliseconds(dueIn)));
            foreach (var (subscription, id) in restored.Subscriptions.Values)
            {
                var subscriber = new Subscriber(session, subscription, id);
                session.RestoreSubscription(subscriber);
                Subscriptions.Add(subscriber);
            }

            _sessions[restored.ClientId] = session;
            sessions.Add((session, restored, number));
        }

        foreach (var (session, restored, number) in sessions)
        {
            session.Restore(restored, journal, number, source => durable < 0 || source <= durable, Subscriptions.FindGroup);
        }

        Volatile.Write(ref _sessionCount, _sessions.Count);
        if (sessions.Count + Retained.Count > 0) Log.SessionsRestored(sessions.Count, Retained.Count);
    }

    /// <summary>Called about once a second.</summary>
    private void CompactWhenWorthwhile()
    {
        if (_journal is not { WantsCompaction: true } journal || Interlocked.Exchange(ref _compacting, 1) != 0) return;
        _ = CompactAsync(journal);
    }

    private async Task CompactAsync(SessionJournal journal)
    {
        try
        {
            await journal.RollAsync().ConfigureAwait(false);
            await StateAllAsync(journal).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The older files stay, and are read again after a restart.
            Log.TickFailed(e);
        }
        finally
        {
            Volatile.Write(ref _compacting, 0);
        }
    }

    /// <summary>States everything that is true into the newest file; the older ones then go.</summary>
    private async Task StateAllAsync(SessionJournal journal)
    {
        var state = new JournalBuffer();
        foreach (var session in _sessions.Values)
        {
            lock (session.Gate)
            {
                if (session.Removed || session.Journal is null) continue;
                state.Clear();
                var willDueAt = session.Will.Will is null ? 0 : ToUnix(session.Will.DueAt);
                session.WriteState(state, session.EndsAt == 0 ? 0 : ToUnix(session.EndsAt), willDueAt);
                journal.State(state);
            }

            await journal.WhenReadyAsync(CancellationToken.None).ConfigureAwait(false);
        }

        foreach (var topic in Retained.Topics())
        {
            Retained.State(topic);
            await journal.WhenReadyAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await journal.EndCompactionAsync().ConfigureAwait(false);
    }

    /// <summary>Unix milliseconds of a time stamp.</summary>
    private long ToUnix(long timestamp) =>
        Time.GetUtcNow().ToUnixTimeMilliseconds() + (long)((timestamp - Time.GetTimestamp()) * 1000d / Time.TimestampFrequency);
}
