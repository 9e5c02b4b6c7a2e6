namespace SmartCity.Storage;

public sealed partial class SqliteStore
{
    private const int PagesPerStep = 512; // 4 MiB: some ten milliseconds, which commits may wait

    /// <summary>
    /// Gives free space of the file back to the disk, as far as it is more than a quarter of the file: what is deleted day by day is filled again day by day. Many short transactions, so that
    /// commits wait for none of them for long. Nothing happens to a file of an earlier version, before <see cref="SqliteCompaction"/> has rewritten it.
    /// </summary>
    /// <returns>Bytes by which the file becomes smaller, when its write-ahead log is copied into it.</returns>
    /// <param name="cancellationToken">Stops between two transactions; the rest is done by the next call.</param>
    public async Task<long> ShrinkAsync(CancellationToken cancellationToken)
    {
        long pages = 0;
        while (await WriteAsync(0, static (session, _) => Shrink(session), cancellationToken) is > 0 and var step) pages += step;
        return pages * await ReadAsync(0, static (session, _) => session.Scalar("PRAGMA page_size"), cancellationToken);
    }

    private static long Shrink(SqliteSession session)
    {
        const int Incremental = 2;
        if (session.Scalar("PRAGMA auto_vacuum") != Incremental) return 0;
        var (free, all) = (session.Scalar("PRAGMA freelist_count"), session.Scalar("PRAGMA page_count"));
        // Of n pages given back, n are missing from the file as well: (free − n) = (all − n) / 4.
        var most = ((free * 4) - all) / 3;
        if (most < PagesPerStep) return 0;
        var before = free;
        session.Execute(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({PagesPerStep})"));
        return before - session.Scalar("PRAGMA freelist_count");
    }
}
