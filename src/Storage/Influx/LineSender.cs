using System.Text;

namespace SmartCity.Storage;

/// <summary>Sends a chunk: as it is, or in halves when the server finds it too large. It does not wait and does not try again.</summary>
/// <param name="confirm">Asked before each further request of a chunk; throws when the chunk is another's to send by now.</param>
internal sealed class LineSender(ILineProtocolClient client, Func<CancellationToken, Task>? confirm = null)
{
    private const int MaxSampleBytes = 512;

    public async Task<SendReport> SendAsync(ReadOnlyMemory<byte> gzipLines, int lines, CancellationToken cancellationToken)
    {
        var rejected = new List<RejectedLines>();
        var outcome = await SendAsync(gzipLines, null, lines, rejected, cancellationToken);
        return new(outcome.Result != WriteResult.Keep, rejected, outcome.Message, outcome.RetryAfter);
    }

    private async Task<WriteOutcome> SendAsync(
        ReadOnlyMemory<byte> body, ReadOnlyMemory<byte>? plain, int lines, List<RejectedLines> rejected, CancellationToken cancellationToken)
    {
        var outcome = await client.WriteAsync(body, cancellationToken);
        switch (outcome.Result)
        {
            case WriteResult.Accepted:
                Count("accepted", lines);
                return outcome;
            case WriteResult.Keep:
                return outcome;
            case WriteResult.TooLarge when lines > 1:
                var text = plain ?? LineBatcher.Decompress(body);
                var (at, before) = Middle(text.Span, lines);
                var first = await SendHalfAsync(text[..at], before, rejected, cancellationToken);
                return first.Result == WriteResult.Keep ? first : await SendHalfAsync(text[at..], lines - before, rejected, cancellationToken);
            default:
                var dropped = Math.Clamp(outcome.DroppedLines ?? lines, 0, lines);
                Count("rejected", dropped);
                Count("accepted", lines - dropped);
                rejected.Add(new(dropped, outcome.Message, Sample((plain ?? LineBatcher.Decompress(body)).Span)));
                return outcome;
        }
    }

    private async Task<WriteOutcome> SendHalfAsync(ReadOnlyMemory<byte> text, int lines, List<RejectedLines> rejected, CancellationToken cancellationToken)
    {
        if (confirm is not null) await confirm(cancellationToken);
        return await SendAsync(LineBatcher.Compress(text.Span), text, lines, rejected, cancellationToken);
    }

    private static void Count(string outcome, int lines)
    {
        if (lines > 0) StorageTelemetry.InfluxLines.Add(lines, StorageTelemetry.Outcome(outcome));
    }

    /// <summary>Where the second half of the lines begins, and how many lines are before it.</summary>
    private static (int At, int Before) Middle(ReadOnlySpan<byte> text, int lines)
    {
        var at = 0;
        for (var line = 0; line < lines / 2; line++) at += text[at..].IndexOf((byte)'\n') + 1;
        return (at, lines / 2);
    }

    private static string Sample(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        return Encoding.UTF8.GetString(line[..Math.Min(line.Length, MaxSampleBytes)]);
    }
}
