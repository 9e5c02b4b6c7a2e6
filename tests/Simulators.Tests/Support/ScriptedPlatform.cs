using System.Net;
using System.Text;

namespace SmartCity.Simulators.Tests;

/// <summary>A platform whose HTTP API answers what a test says; 404 where it says null.</summary>
internal sealed class ScriptedPlatform : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _running;

    /// <param name="answer">Gets path and query, answers JSON.</param>
    public ScriptedPlatform(Func<string, string?> answer)
    {
        // A port that the system has just given away and taken back; HttpListener cannot ask for one itself.
        using (var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            socket.Start();
            Url = new($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}/");
        }

        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _running = AnswerAsync(answer);
    }

    public Uri Url { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _running;
    }

    private async Task AnswerAsync(Func<string, string?> answer)
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var json = answer(context.Request.Url!.PathAndQuery);
                context.Response.StatusCode = json is null ? 404 : 200;
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(json ?? "{}"));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
