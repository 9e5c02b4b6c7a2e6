namespace SmartCity.Storage;

/// <summary>Lets no more than so many requests through at once; the others wait in the order in which they came.</summary>
internal sealed class BoundedClient(ILineProtocolClient inner, int most) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(most, most);

    /// <summary>The client for lines that another may have to send some day.</summary>
    /// <param name="confirm">Asked when a request's turn has come, which may be long after it was asked for; throws when the lines are another's to send by then.</param>
    public ILineProtocolClient With(Func<CancellationToken, Task> confirm) => new Confirming(this, confirm);

    public void Dispose() => _slots.Dispose();

    private async Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, LineTarget target, Func<CancellationToken, Task> confirm, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await confirm(cancellationToken);
            return await inner.WriteAsync(gzipLines, target, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    private sealed class Confirming(BoundedClient client, Func<CancellationToken, Task> confirm) : ILineProtocolClient
    {
        public Task<WriteOutcome> WriteAsync(ReadOnlyMemory<byte> gzipLines, LineTarget target, CancellationToken cancellationToken) => client.WriteAsync(gzipLines, target, confirm, cancellationToken);
    }
}
