namespace SmartCity.Storage;

/// <summary>
/// Sends one chunk: as it is; in halves when the server finds it too large; and when the server refuses lines of it, without those that the answer names,
/// or in halves until the lines that it refuses stand alone. It does not wait; what the server did not take for now is sent by the next call, and only that.
/// </summary>
/// <remarks>
/// Line protocol is idempotent, so lines that a partial write has taken already may be sent again: whether the server took all the others of a refused request
/// need not be known.
/// </remarks>
internal sealed class ChunkSend(ILineProtocolClient client, ReadOnlyMemory<byte> gzipLines, int lines, LineTarget target = LineTarget.Windows)
{
    /// <summary>
    /// Refused requests after which parts are not halved any further but refused as a whole: a server that refuses everything costs little more than this.
    /// It suffices to find some eighty lines among five thousand.
    /// </summary>
    public const int MaxRefusals = 1_000;

    private readonly List<RejectedLines> _rejected = [];
    private readonly Stack<Part> _parts = new([new Part(gzipLines, null, lines)]);
    private int _accepted;
    private int _refusals;

    public bool Done => _parts.Count == 0;

    /// <summary>What the server refused for good, so far.</summary>
    public IReadOnlyList<RejectedLines> Rejected => _rejected;

    /// <summary>Sends what is left, up to the first part that the server does not take for now.</summary>
    /// <returns><see cref="WriteResult.Accepted"/> when nothing is left, else <see cref="WriteResult.Keep"/> with the reason.</returns>
    public async Task<WriteOutcome> ContinueAsync(CancellationToken cancellationToken)
    {
        while (_parts.TryPeek(out var part))
        {
            var outcome = await client.WriteAsync(part.Body ?? part.Text!.Value.Compress(), target, cancellationToken);
            if (outcome.Result == WriteResult.Keep) return outcome;
            _parts.Pop();
            if (outcome.Result == WriteResult.Accepted) _accepted += part.Lines;
            else Refused(part, outcome);
        }

        Count("accepted", _accepted);
        Count("rejected", _rejected.Sum(r => r.Lines));
        _accepted = 0;
        return WriteOutcome.Accepted;
    }

    private void Refused(Part part, WriteOutcome outcome)
    {
        var text = part.Text ?? LineText.Decompress(part.Body!.Value, part.Lines);
        if (outcome.Result == WriteResult.Rejected) _refusals++;
        if (part.Lines == 1)
        {
            var message = outcome.Refused is [var one, ..] ? one.Message : outcome.Message;
            _rejected.Add(new(1, message, text.Sample()));
        }
        else if (outcome.Result == WriteResult.TooLarge) Halve(text);
        else if (_refusals > MaxRefusals)
        {
            var dropped = Math.Clamp(outcome.DroppedLines ?? part.Lines, 1, part.Lines);
            _rejected.Add(new(dropped, outcome.Message, text.Sample()));
            _accepted += part.Lines - dropped;
        }
        else if (!Remove(text, outcome.Refused)) Halve(text);
    }

    private void Halve(LineText text)
    {
        var (first, second) = text.Split(text.Lines / 2);
        _parts.Push(Part.Of(second));
        _parts.Push(Part.Of(first));
    }

    private bool Remove(LineText text, IReadOnlyList<RefusedLine>? named)
    {
        var messages = new Dictionary<int, string>();
        foreach (var line in named ?? [])
        {
            if (line.Number >= 1 && line.Number <= text.Lines) messages.TryAdd(line.Number - 1, line.Message);
        }

        if (messages.Count == 0) return false;
        var rest = text.Part((line, place) =>
        {
            if (!messages.TryGetValue(place, out var message)) return false;
            _rejected.Add(new(1, message, new LineText(line.ToArray(), 1).Sample()));
            return true;
        }).Others;
        if (rest.Lines > 0) _parts.Push(Part.Of(rest));
        return true;
    }

    private static void Count(string outcome, int lines)
    {
        if (lines > 0) StorageTelemetry.InfluxLines.Add(lines, StorageTelemetry.Outcome(outcome));
    }

    // The first request has the chunk's body as it is; text is only made when something has to be cut.
    private readonly record struct Part(ReadOnlyMemory<byte>? Body, LineText? Text, int Lines)
    {
        public static Part Of(LineText text) => new(null, text, text.Lines);
    }
}
