using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>
/// Dead letters, bounded: the oldest by log position go first. Each is counted in <c>rejected</c> once, when it is first written; the highest
/// position that was trimmed is remembered, so that replay does not count again what is no longer there to be recognised.
/// </summary>
internal sealed class DeadLetterTable(SqliteSession writer, int limit)
{
    private const string Insert =
        "INSERT OR IGNORE INTO dead_letter(position, ordinal, arrival, topic, device, reason, detail, readings, payload) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING 1";

    private const string Count =
        "INSERT INTO rejected(hour, device, reason, readings) VALUES (?, ?, ?, ?) "
        + "ON CONFLICT(hour, device, reason) DO UPDATE SET readings = readings + excluded.readings";

    private const string FindLastTrimmed = "SELECT position, ordinal FROM dead_letter ORDER BY position, ordinal LIMIT 1 OFFSET ?";

    private long _rows;
    private (long Position, int Ordinal) _trimmed = (long.MinValue, 0);

    /// <summary>Reads how much is there: after opening, and after a rollback.</summary>
    public void Load()
    {
        _rows = writer.Scalar("SELECT count(*) FROM dead_letter");
        _trimmed = writer.Scalar("SELECT count(*) FROM mark WHERE name = 'trimmed_position'") == 0 ? (long.MinValue, 0) : (
            writer.Scalar("SELECT value FROM mark WHERE name = 'trimmed_position'"),
            (int)writer.Scalar("SELECT value FROM mark WHERE name = 'trimmed_ordinal'"));
    }

    public void Write(List<DeadLetter> letters, CommitWriter commit)
    {
        foreach (var letter in letters)
        {
            if ((letter.Position, letter.Ordinal).CompareTo(_trimmed) <= 0) continue;
            var insert = writer[Insert].Bind(1, letter.Position).Bind(2, letter.Ordinal).Bind(3, letter.ArrivalMs).Bind(4, letter.Topic)
                .Bind(5, letter.DeviceId).Bind(6, letter.Reason).Bind(7, letter.Detail).Bind(8, letter.Readings).Bind(9, letter.Payload);
            var inserted = insert.Step();
            insert.Reset();
            if (!inserted) continue;
            _rows++;
            writer[Count].Bind(1, CommitWriter.FloorToHour(letter.CountedMs ?? letter.ArrivalMs)).Bind(2, commit.Name(letter.DeviceId))
                .Bind(3, commit.Name(letter.Reason)).Bind(4, letter.Readings).Run();
        }

        if (_rows > limit) Trim(commit);
    }

    private void Trim(CommitWriter commit)
    {
        var find = writer[FindLastTrimmed].Bind(1, _rows - limit - 1);
        find.Step();
        _trimmed = (find.Int64(0), find.Int32(1));
        find.Reset();
        writer["DELETE FROM dead_letter WHERE (position, ordinal) <= (?, ?)"].Bind(1, _trimmed.Position).Bind(2, _trimmed.Ordinal).Run();
        _rows = limit;
        commit.WriteMark("trimmed_position", _trimmed.Position);
        commit.WriteMark("trimmed_ordinal", _trimmed.Ordinal);
    }
}
