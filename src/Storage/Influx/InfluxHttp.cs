using System.Net.Http.Headers;
using System.Text;

namespace SmartCity.Storage;

/// <summary>What reading and writing over HTTP share.</summary>
internal static class InfluxHttp
{
    public static HttpClient CreateClient(InfluxOptions options, InfluxTls tls)
    {
        // A redirect would turn a POST into a GET: it is reported instead. Time-outs come from a TimeProvider.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), SslOptions = tls.Authentication };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var scheme = options.EffectiveApiVersion == InfluxApiVersion.V3 ? "Bearer" : "Token";
        if (!string.IsNullOrEmpty(options.Token)) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, options.Token);
        return client;
    }

    /// <summary>An address below the base address, which may itself have a path.</summary>
    public static Uri Address(InfluxOptions options, string relative) => new(options.Url!.TrimEnd('/') + "/" + relative);

    /// <summary>The beginning of an error's body, on one line.</summary>
    public static async Task<string> ReadMessageAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken) =>
        Message(response, await ReadBodyAsync(response, maxBytes, cancellationToken), maxBytes);

    /// <summary>The beginning of a body, at most so many bytes.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Math.Min(maxBytes, 16 * 1024)];
        for (var length = 0; ;)
        {
            length += await stream.ReadAtLeastAsync(buffer.AsMemory(length), buffer.Length - length, throwOnEndOfStream: false, cancellationToken);
            if (length < buffer.Length || length == maxBytes) return buffer.AsMemory(0, length);
            Array.Resize(ref buffer, Math.Min(maxBytes, buffer.Length * 4));
        }
    }

    /// <summary>A body as one line of text.</summary>
    public static string Message(HttpResponseMessage response, ReadOnlyMemory<byte> body, int maxBytes)
    {
        var text = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, maxBytes)]).ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? response.ReasonPhrase ?? "" : text;
    }
}
