namespace SmartCity.Storage;

/// <summary>The port to InfluxDB's write API. Line protocol is idempotent: writing the same lines again changes nothing.</summary>
public interface ILineProtocolClient
{
    /// <summary>Sends lines in one request and says how it ended; it neither retries nor throws for what a network or a server does.</summary>
    /// <param name="gzipLines">Gzipped line protocol with timestamps in milliseconds.</param>
    /// <param name="target">What they are of, which says where they belong.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, LineTarget target, CancellationToken cancellationToken);
}
