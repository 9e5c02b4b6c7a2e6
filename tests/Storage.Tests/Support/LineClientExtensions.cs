namespace SmartCity.Storage.Tests;

/// <summary>Writes lines as tests mostly do.</summary>
internal static class LineClientExtensions
{
    public static Task<WriteOutcome> WriteAsync(this ILineProtocolClient client, ReadOnlyMemory<byte> gzipLines, CancellationToken cancellationToken) =>
        client.WriteAsync(gzipLines, LineTarget.Windows, cancellationToken);
}
