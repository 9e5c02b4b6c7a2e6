using System.Globalization;
using System.Text;

namespace SmartCity.Storage.Tests;

/// <summary>An HTTP request as it came.</summary>
internal sealed record FakeRequest(string Target, Dictionary<string, string> Headers, byte[] Body)
{
    public string Path => Target.Split(' ')[1].Split('?')[0];

    public Dictionary<string, string> Query => Target.Split(' ')[1].Split('?') is [_, var query]
        ? query.Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1])) : [];

    public bool IsWrite => Path.Contains("write", StringComparison.Ordinal);

    /// <summary>The next request of a connection; null when the client has closed it.</summary>
    public static async Task<FakeRequest?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, cancellationToken) == 0) return null;
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(p => p[0].ToLowerInvariant(), p => p[1]);
        byte[] body;
        if (headers.GetValueOrDefault("transfer-encoding") == "chunked") body = await ReadChunkedAsync(stream, cancellationToken);
        else
        {
            body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body, cancellationToken);
        }

        return new(lines[0][..lines[0].LastIndexOf(' ')], headers, body);
    }

    private static async Task<byte[]> ReadChunkedAsync(Stream stream, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        while (true)
        {
            var size = new StringBuilder();
            var one = new byte[1];
            while (!size.ToString().EndsWith("\r\n", StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one, cancellationToken);
                size.Append((char)one[0]);
            }

            var length = int.Parse(size.ToString().TrimEnd(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var chunk = new byte[length + 2];
            await stream.ReadExactlyAsync(chunk, cancellationToken);
            if (length == 0) return body.ToArray();
            body.Write(chunk, 0, length);
        }
    }
}
