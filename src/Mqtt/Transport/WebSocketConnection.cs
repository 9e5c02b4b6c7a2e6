using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace SmartCity.Mqtt;

/// <summary>
/// A WebSocket as the broker sees any connection: bytes in, bytes out (MQTT 5.0 §6). Packets may span frames and share them. Both pipes are bounded:
/// a broker that does not read stops the receiving loop and so TCP; a peer that does not read stops the broker's flushes.
/// </summary>
internal sealed class WebSocketConnection : ConnectionContext, IDuplexPipe
{
    private const int ReceiveSize = 4096;
    private static readonly PipeOptions s_pipe = new(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);
    private readonly WebSocket _socket;
    private readonly Pipe _in = new(s_pipe);
    private readonly Pipe _out = new(s_pipe);
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenSource _closed = new();
    private WebSocketCloseStatus _status = WebSocketCloseStatus.NormalClosure;

    public WebSocketConnection(WebSocket socket, string id, EndPoint? remote, EndPoint? local)
    {
        _socket = socket;
        ConnectionId = id;
        Transport = this;
        RemoteEndPoint = remote;
        LocalEndPoint = local;
        ConnectionClosed = _closed.Token;
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    PipeReader IDuplexPipe.Input => _in.Reader;

    PipeWriter IDuplexPipe.Output => _out.Writer;

    /// <summary>A frame came that was not binary; the connection ended because of it (MQTT-6.0.0-1).</summary>
    public bool GotText => _status == WebSocketCloseStatus.InvalidMessageType;

    /// <summary>Moves bytes until both sides are done or the connection is aborted. Throws nothing.</summary>
    /// <param name="serve">Serves the connection; ends when it no longer touches <see cref="Transport"/>.</param>
    public async Task RunAsync(Func<ConnectionContext, Task> serve)
    {
        var receiving = ReceiveAsync();
        var sending = SendAsync();
        try
        {
            await serve(this).ConfigureAwait(false);
        }
        finally
        {
            await sending.ConfigureAwait(false);
            await receiving.ConfigureAwait(false);
            await _closed.CancelAsync().ConfigureAwait(false);
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The broker's clock came a moment after the end.
        }

        _socket.Abort();
    }

    public override void Abort() => Abort(new ConnectionAbortedException());

    public override ValueTask DisposeAsync()
    {
        _abort.Dispose();
        _closed.Dispose();
        return base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        var discard = false;
        try
        {
            while (true)
            {
                // The empty receive waits for bytes, so that an idle connection holds no buffer.
                var result = await _socket.ReceiveAsync(Memory<byte>.Empty, _abort.Token).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Binary)
                {
                    result = await _socket.ReceiveAsync(_in.Writer.GetMemory(ReceiveSize), _abort.Token).ConfigureAwait(false);
                }

                if (result.MessageType == WebSocketMessageType.Close) break;
                if (result.MessageType == WebSocketMessageType.Text)
                {
                    _status = WebSocketCloseStatus.InvalidMessageType;
                    break;
                }

                // After the broker is done, only the peer's Close is of interest; the broker's clock ends the wait for it.
                if (discard) continue;
                _in.Writer.Advance(result.Count);
                var flush = await _in.Writer.FlushAsync(_abort.Token).ConfigureAwait(false);
                discard = flush.IsCompleted;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            error = new ConnectionResetException("The WebSocket ended without a Close frame.", e);
        }

        await _in.Writer.CompleteAsync(error).ConfigureAwait(false);
    }

    private async Task SendAsync()
    {
        var reader = _out.Reader;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(_abort.Token).ConfigureAwait(false);
                var rest = result.Buffer;
                while (!rest.IsEmpty)
                {
                    var segment = rest.First;
                    rest = rest.Slice(segment.Length);
                    await _socket.SendAsync(segment, WebSocketMessageType.Binary, endOfMessage: rest.IsEmpty, _abort.Token).ConfigureAwait(false);
                }

                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) break;
            }

            await _socket.CloseOutputAsync(_status, null, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The receiving loop sees the same and tells the broker.
        }

        await reader.CompleteAsync().ConfigureAwait(false);
    }
}
