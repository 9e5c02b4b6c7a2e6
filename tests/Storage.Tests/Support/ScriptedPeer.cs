using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SmartCity.Storage.Tests;

/// <summary>An HTTP server that answers as a test says: each request takes the next answer, and when there is none it is 204.</summary>
public sealed class ScriptedPeer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();

    private ScriptedPeer(WebApplication app) => _app = app;

    private readonly TaskCompletionSource _silent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a request has arrived that is never answered.</summary>
    public Task Silent => _silent.Task;

    public string Url { get; private set; } = "";

    /// <summary>Lines of each request that was answered 2xx, in order of arrival.</summary>
    public ConcurrentQueue<string[]> Taken { get; } = new();

    /// <summary>Path and query of every request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Lines beyond which a request is answered 413.</summary>
    public int MaxLines { get; set; } = int.MaxValue;

    /// <summary>Why a line makes the server refuse the whole request; null when it does not.</summary>
    public Func<string, string?> Refuse { get; set; } = static _ => null;

    public static async Task<ScriptedPeer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        var peer = new ScriptedPeer(builder.Build());
        peer._app.Run(peer.HandleAsync);
        await peer._app.StartAsync();
        peer.Url = peer._app.Urls.Single();
        return peer;
    }

    /// <summary>The next requests are answered so.</summary>
    public ScriptedPeer Then(int status, string body = "", string? retryAfter = null, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _answers.Enqueue(context =>
            {
                context.Response.StatusCode = status;
                if (retryAfter is not null) context.Response.Headers.RetryAfter = retryAfter;
                return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
            });
        }

        return this;
    }

    /// <summary>The next request is never answered.</summary>
    public ScriptedPeer ThenSilence()
    {
        _answers.Enqueue(async context =>
        {
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _silent.TrySetResult();
            await using var registration = context.RequestAborted.Register(() => gone.SetResult());
            await gone.Task;
        });
        return this;
    }

    /// <summary>Something happens while the next request is under way, and then it is accepted.</summary>
    public ScriptedPeer ThenDuring(Func<Task> happens)
    {
        _answers.Enqueue(_ => happens());
        return this;
    }

    /// <summary>The connection of the next request is broken.</summary>
    public ScriptedPeer ThenAbort()
    {
        _answers.Enqueue(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        return this;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        Requests.Enqueue(context.Request.Path + context.Request.QueryString);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (_answers.TryDequeue(out var answer))
        {
            await answer(context);
            if (context.Response.StatusCode is < 200 or > 299 || context.RequestAborted.IsCancellationRequested) return;
        }

        if (context.Request.Headers.ContentEncoding != "gzip") return;
        var lines = Encoding.UTF8.GetString(LineBatcher.Decompress(body.ToArray())).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > MaxLines)
        {
            context.Response.StatusCode = 413;
            return;
        }

        if (lines.Select(Refuse).FirstOrDefault(r => r is not null) is { } reason)
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync(reason);
            return;
        }

        if (!context.Response.HasStarted) context.Response.StatusCode = 204;
        Taken.Enqueue(lines);
    }
}
