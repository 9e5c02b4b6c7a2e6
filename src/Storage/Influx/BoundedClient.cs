namespace SmartCity.Storage;

/// <summary>Lets no more than so many requests through at once; the others wait in the order in which they came.</summary>
internal sealed class BoundedClient(ILineProtocolClient inner, int most) : ILineProtocolClient, IDisposable
{
    private readonly SemaphoreSlim _slots = new(most, most);

    public async Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await inner.WriteAsync(gzipLines, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();
}
