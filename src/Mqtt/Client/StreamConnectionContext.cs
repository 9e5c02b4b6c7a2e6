using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace SmartCity.Mqtt;

/// <summary>
/// A connection over a stream: TLS or a WebSocket. Writers fill a pipe of their own while the stream takes what was written before, because a
/// stream's own pipe writer cannot be written to while it flushes.
/// </summary>
internal sealed class StreamConnectionContext : ConnectionContext, IDuplexPipe
{
    private const int BufferSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly IDisposable _owned;
    private readonly Pipe _out = new(new PipeOptions(pauseWriterThreshold: BufferSize, resumeWriterThreshold: BufferSize / 2, useSynchronizationContext: false));
    private readonly Task _pump;
    private IDuplexPipe _transport;

    /// <param name="owned">Closed with the connection: the socket, or the WebSocket and its handler.</param>
    public StreamConnectionContext(Stream stream, IDisposable owned)
    {
        (_stream, _owned) = (stream, owned);
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true));
        _transport = this;
        _pump = PumpAsync();
    }

    public PipeReader Input { get; }

    public PipeWriter Output => _out.Writer;

    public override string ConnectionId { get; set; } = "";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport
    {
        get => _transport;
        set => _transport = value;
    }

    public override void Abort(ConnectionAbortedException abortReason) => _owned.Dispose();

    public override async ValueTask DisposeAsync()
    {
        await _pump.ConfigureAwait(false);
        try
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or System.Net.WebSockets.WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer was gone before the goodbye.
        }

        _owned.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task PumpAsync()
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var result = await _out.Reader.ReadAsync().ConfigureAwait(false);
                foreach (var segment in result.Buffer) await _stream.WriteAsync(segment).ConfigureAwait(false);
                _out.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) break;
                await _stream.FlushAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            // Whoever writes next learns it; the read loop sees the same end and reports it.
            failure = e;
        }

        await _out.Reader.CompleteAsync(failure).ConfigureAwait(false);
    }
}
