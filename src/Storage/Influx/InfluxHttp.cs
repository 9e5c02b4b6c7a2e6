using System.Net.Http.Headers;
using System.Text;

namespace SmartCity.Storage;

/// <summary>What reading and writing over HTTP share.</summary>
internal static class InfluxHttp
{
    public static HttpClient CreateClient(InfluxOptions options)
    {
        // A redirect would turn a POST into a GET: it is reported instead. Time-outs come from a TimeProvider.
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (!string.IsNullOrEmpty(options.Token)) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", options.Token);
        return client;
    }

    /// <summary>An address below the base address, which may itself have a path.</summary>
    public static Uri Address(InfluxOptions options, string relative) => new(options.Url!.TrimEnd('/') + "/" + relative);

    /// <summary>The beginning of an error's body, on one line.</summary>
    public static async Task<string> ReadMessageAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[maxBytes];
        var length = await stream.ReadAtLeastAsync(buffer, maxBytes, throwOnEndOfStream: false, cancellationToken);
        var text = Encoding.UTF8.GetString(buffer, 0, length).ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? response.ReasonPhrase ?? "" : text;
    }
}
