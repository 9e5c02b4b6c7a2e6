using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace SmartCity.Storage.Tests;

/// <summary>
/// The write side of InfluxDB 1, 2 or 3 over a bare socket, so that it can also answer what no HTTP server would. It keeps the last line of each series and time,
/// notices when an older version overwrites a newer one, refuses lines as each version does, and answers faults that a test puts in the way.
/// </summary>
internal sealed class FakeInflux : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _stored = [];
    private readonly List<string> _requests = [];
    private readonly List<string> _overwritten = [];
    private readonly List<(Func<bool> Condition, TaskCompletionSource Reached)> _awaited = [];
    private Task _accepting = Task.CompletedTask;
    private int _active;

    public FakeInflux(InfluxApiVersion version, X509Certificate2? certificate = null, int port = 0)
    {
        (Version, _certificate, _listener) = (version, certificate, new TcpListener(IPAddress.Loopback, port));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public InfluxApiVersion Version { get; }

    public string Url => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Names of databases or buckets; null: every one is there.</summary>
    public HashSet<string>? Databases { get; init; }

    /// <summary>What the server has against a line; null when it takes it.</summary>
    public Func<string, string?> Objection { get; set; } = line => line.Contains("device=bad", StringComparison.Ordinal) ? "invalid column type in " + line.Split(' ')[0] : null;

    /// <summary>Lines beyond which a body is answered 413.</summary>
    public int MaxLines { get; set; } = int.MaxValue;

    /// <summary>Lines that one answer of version 3 names.</summary>
    public int MaxNamed { get; set; } = 100;

    /// <summary>What is answered instead, by request; null: what the server answers by itself.</summary>
    public Func<FakeRequest, Task<FakeAnswer?>> Intervene { get; set; } = static _ => Task.FromResult<FakeAnswer?>(null);

    /// <summary>Most requests that were under way at once.</summary>
    public int Peak { get; private set; }

    /// <summary>Method, path and query of each request.</summary>
    public IReadOnlyList<string> Requests => Locked(() => _requests.ToArray());

    /// <summary>Last line of each series and time.</summary>
    public IReadOnlyDictionary<string, string> Stored => Locked(() => new Dictionary<string, string>(_stored));

    /// <summary>Lines that came after a newer version of themselves.</summary>
    public IReadOnlyList<string> Overwritten => Locked(() => _overwritten.ToArray());

    public string? Authorization { get; private set; }

    public static string Key(string line) => line.Split(' ')[0] + " " + line.Split(' ')[^1];

    /// <summary>Waits, from request to request.</summary>
    public async Task UntilAsync(Func<FakeInflux, bool> condition, string what)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (condition(this)) return;
            _awaited.Add((() => condition(this), reached));
        }

        try
        {
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Awaited: {what}. {Requests.Count} requests, {Stored.Count} lines.");
        }
    }

    /// <summary>Waits until no request is under way.</summary>
    public Task QuietAsync() => UntilAsync(f => f._active == 0, "no request under way");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock) return read();
    }

    private void Changed(Action change)
    {
        lock (_lock)
        {
            change();
            foreach (var (condition, reached) in _awaited)
            {
                if (condition()) reached.TrySetResult();
            }
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            await using Stream stream = _certificate is null ? client.GetStream() : new SslStream(client.GetStream());
            var first = new byte[1];
            if (_certificate is null && await client.Client.ReceiveAsync(first, SocketFlags.Peek, _stop.Token) == 1 && first[0] == 0x16)
            {
                await stream.WriteAsync(FakeAnswer.Text(400, "that is TLS").Bytes, _stop.Token);
                return;
            }

            if (stream is SslStream tls) await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
            while (await FakeRequest.ReadAsync(stream, _stop.Token) is { } request)
            {
                Changed(() =>
                {
                    _requests.Add(request.Target);
                    Authorization = request.Headers.GetValueOrDefault("authorization");
                    Peak = Math.Max(Peak, ++_active);
                });
                FakeAnswer answer;
                try
                {
                    answer = await Intervene(request) ?? Answer(request);
                }
                finally
                {
                    Changed(() => _active--);
                }

                await stream.WriteAsync(answer.Bytes, _stop.Token);
                if (answer.Closes) return;
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or InvalidDataException)
        {
            // The client has gone, as it may.
        }
    }

    /// <summary>What the server does with a request by itself.</summary>
    public FakeAnswer Answer(FakeRequest request)
    {
        var query = request.Query;
        switch (request.Path)
        {
            case "/query" when Version == InfluxApiVersion.V1:
                Databases?.Add(Uri.UnescapeDataString(Encoding.UTF8.GetString(request.Body).Replace('+', ' ')).Split('"')[1]);
                return FakeAnswer.Json(200, """{"results":[{"statement_id":0}]}""");
            case "/api/v2/orgs" when Version == InfluxApiVersion.V2:
                return query["org"] == "city hall" ? FakeAnswer.Json(200, """{"orgs":[{"id":"0a1b","name":"city hall"}]}""") : FakeAnswer.Json(404, """{"code":"not found","message":"organization not found"}""");
            case "/api/v2/buckets" when Version == InfluxApiVersion.V2 && request.Target.StartsWith("GET", StringComparison.Ordinal):
                return FakeAnswer.Json(200, """{"buckets":[]}""");
            case "/api/v2/buckets" when Version == InfluxApiVersion.V2:
                var bucket = JsonElement.Parse(request.Body);
                if (bucket.GetProperty("orgID").GetString() != "0a1b" || bucket.GetProperty("retentionRules").GetArrayLength() != 0) return FakeAnswer.Json(400, "{}");
                Databases?.Add(bucket.GetProperty("name").GetString()!);
                return FakeAnswer.Json(201, "{}");
            case "/api/v3/configure/database" when Version == InfluxApiVersion.V3:
                Databases?.Add(JsonElement.Parse(request.Body).GetProperty("db").GetString()!);
                return FakeAnswer.Json(200, "");
            case "/write" when Version == InfluxApiVersion.V1 && query["precision"] == "ms":
                return Databases?.Contains(query["db"]) == false ? FakeAnswer.Json(404, $$"""{"error":"database not found: \"{{query["db"]}}\""}""") : Write(request);
            case "/api/v2/write" when Version == InfluxApiVersion.V2 && query["precision"] == "ms":
                return Databases?.Contains(query["bucket"]) == false ? FakeAnswer.Json(404, """{"code":"not found","message":"bucket not found"}""") : Write(request);
            case "/api/v3/write_lp" when Version == InfluxApiVersion.V3 && query["precision"] == "millisecond" && query["accept_partial"] == "true":
                return Databases?.Contains(query["db"]) == false ? FakeAnswer.Json(404, """{"error":"the database was not found"}""") : Write(request);
            default:
                return FakeAnswer.Text(404, "page not found");
        }
    }

    /// <summary>The lines of a write.</summary>
    public static string[] Lines(FakeRequest request) =>
        Encoding.UTF8.GetString(LineBatcher.Decompress(request.Body)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private FakeAnswer Write(FakeRequest request)
    {
        var lines = Lines(request);
        if (lines.Length > MaxLines) return FakeAnswer.Text(413, "too large");
        var bad = lines.Select((line, i) => (Line: line, Number: i + 1, Why: Objection(line))).Where(l => l.Why is not null).ToList();
        // Version 2 takes nothing of a body that has a line it cannot read; 1 and 3 take the others.
        if (bad.Count == 0 || Version != InfluxApiVersion.V2) Take(lines.Where(l => Objection(l) is null));
        if (bad.Count == 0) return FakeAnswer.Empty(204);
        return Version switch
        {
            InfluxApiVersion.V1 => FakeAnswer.Json(400, JsonSerializer.Serialize(new { error = $"partial write: {bad[0].Why} dropped={bad.Count}" })),
            InfluxApiVersion.V2 => FakeAnswer.Json(400, JsonSerializer.Serialize(new { code = "invalid", message = $"unable to parse: {bad[0].Why}" })),
            _ => FakeAnswer.Json(400, JsonSerializer.Serialize(new
            {
                error = "partial write of line protocol occurred",
                data = bad.Take(MaxNamed).Select(b => new { original_line = b.Line[..Math.Min(20, b.Line.Length)], line_number = b.Number, error_message = b.Why }),
            })),
        };
    }

    private void Take(IEnumerable<string> lines) => Changed(() =>
    {
        foreach (var line in lines)
        {
            if (_stored.TryGetValue(Key(line), out var before) && Revision(before) > Revision(line)) _overwritten.Add($"{before} by {line}");
            _stored[Key(line)] = line;
        }
    });

    /// <summary>The version of a window, which tests write as its last value.</summary>
    public static double Revision(string line)
    {
        var at = line.IndexOf("_last=", StringComparison.Ordinal) + 6;
        var end = line.IndexOfAny([',', ' '], at);
        return double.Parse(line[at..end], CultureInfo.InvariantCulture);
    }
}
