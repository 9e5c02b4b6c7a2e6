using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmartCity.Gateway;

/// <summary>
/// Takes dead letters in again, put right: each becomes a new record of the intake log, as if the device had sent it so. Objects without <c>ts</c> get the
/// time at which they had arrived and a <c>seq</c> of their own, so that a replay which is broken off and begun again counts nothing twice, and readings
/// that arrived in the same millisecond stay apart.
/// </summary>
public sealed class DeadLetterReplay(IntakeLog log, ITelemetryStore store, Geography geography, GatewayOptions options, MappingService mappings, TimeProvider clock) : IDisposable
{
    private const int ShortPayload = 64; // what the gateway keeps of a payload when there are very many
    private readonly SemaphoreSlim _one = new(1, 1);

    public async Task<ReplayReport> RunAsync(ReplayRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await _one.WaitAsync(cancellationToken); // two at once would take the same letters
        try
        {
            var letters = await store.ReadWaitingDeadLettersAsync(request.Device, request.Reason, request.Limit, cancellationToken);
            var messages = letters.GroupBy(l => (l.Gateway, Sequence: LogPosition.SequenceOf(l.Position))).ToList();
            var trial = new Trial(geography, options, new(mappings.Kept));
            // Most letters have their payload; the log is asked for those that may have been cut. Another gateway's log is not here.
            var originals = log.Find(messages.Where(m => m.Key.Gateway == options.Number && MayBeCut(m.First())).Select(m => m.Key.Sequence));
            var (refused, done, last) = (new List<ReplayRefusal>(), new List<DeadLetter>(), 0L);
            foreach (var message in messages.OrderBy(m => m.First().ArrivalMs).ThenBy(m => m.Key.Sequence))
            {
                var letter = message.First();
                if (Prepare(request, message.Key.Sequence, letter, originals, trial, out var topic, out var payload) is { } problem)
                {
                    refused.Add(problem);
                    continue;
                }

                done.AddRange(message);
                if (request.DryRun) continue;
                await log.WhenReadyAsync(cancellationToken);
                last = log.Append(topic, payload);
            }

            if (last > 0)
            {
                await log.WhenDurableAsync(last);
                await store.MarkReplayedAsync(done, clock.GetUtcNow().ToUnixTimeMilliseconds(), CancellationToken.None);
            }

            return new(messages.Count, messages.Count - refused.Count, refused, request.DryRun);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool MayBeCut(DeadLetter letter) => letter.Payload.Length == options.DeadLetterBytes || letter.Payload.Length == ShortPayload;

    private ReplayRefusal? Prepare(
        ReplayRequest request, long sequence, DeadLetter letter, Dictionary<long, (string Topic, byte[] Payload)> originals, Trial trial, out byte[] topic, out byte[] payload)
    {
        (topic, payload) = ([], []);
        ReplayRefusal Refusal(string reason, string detail) => new(letter.Position, letter.Topic, reason, detail);
        var isKept = letter.Gateway == options.Number && originals.TryGetValue(sequence, out var kept) && kept.Topic == letter.Topic;
        var original = isKept ? originals[sequence].Payload : letter.Payload;
        if (!isKept && MayBeCut(letter) && !IsJson(original)) return Refusal(letter.Reason, "Only the beginning of the payload is left (Intake:KeepHours); let the device send it again.");
        if (letter.Reason != RejectReason.TooManyDevices && trial.Takes(Encoding.UTF8.GetBytes(letter.Topic), original, letter.ArrivalMs, letter.Gateway == options.Number ? sequence : 0).Readings > 0)
            return Refusal(letter.Reason, "Other readings of the message were taken; only whole messages can be replayed.");
        try
        {
            payload = Change(original, request.Rename, letter.ArrivalMs, sequence, out var clash);
            if (clash is not null) return Refusal(letter.Reason, clash);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Also a name that is no text (half a surrogate pair), which is only noticed when it is read.
            return Refusal(RejectReason.BadJson, $"The payload is no JSON ({error.Message}); names of fields cannot mend it.");
        }

        topic = Encoding.UTF8.GetBytes(request.Topic is { Replace.Length: > 0 } change ? letter.Topic.Replace(change.Replace, change.With, StringComparison.Ordinal) : letter.Topic);
        return trial.Takes(topic, payload, clock.GetUtcNow().ToUnixTimeMilliseconds(), Trial.Coming).Rejection is { } rejection ? Refusal(rejection.Reason, rejection.Detail) : null;
    }

    private static byte[] Change(byte[] payload, IReadOnlyDictionary<string, string>? rename, long arrivalMs, long sequence, out string? clash)
    {
        clash = null;
        // Names that are there twice would throw where they are first looked up, and so keep all letters from being replayed.
        var root = JsonNode.Parse(payload, documentOptions: new() { AllowDuplicateProperties = false }) ?? throw new JsonException("it is null");
        var items = root is JsonArray array ? array : [root.DeepClone()];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not JsonObject item) continue;
            var changed = new JsonObject();
            // All names at once, so that two can be exchanged.
            foreach (var (name, value) in item.ToList())
            {
                var next = rename?.GetValueOrDefault(name) ?? name;
                item.Remove(name);
                if (!changed.TryAdd(next, value)) clash ??= Clash(next, rename!);
            }

            // As the pump does it, which takes the position for a number when neither time nor number was sent.
            if (changed["ts"] is null)
            {
                changed["ts"] = arrivalMs;
                if (changed["seq"] is null) changed["seq"] = LogPosition.Of(sequence, i);
            }

            items[i] = changed;
        }

        return Encoding.UTF8.GetBytes((root is JsonArray ? root : items[0]!).ToJsonString());
    }

    private static string Clash(string name, IReadOnlyDictionary<string, string> rename) =>
        $"{string.Join(" and ", rename.Where(r => r.Value == name && r.Key != name).Select(r => $"'{r.Key}'").Order(StringComparer.Ordinal))} cannot become '{name}', because the message has a '{name}' already.";

    private static bool IsJson(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Decodes as the pump would, and keeps nothing.</summary>
    private sealed class Trial(Geography geography, GatewayOptions options, MappingTable mappings)
    {
        /// <summary>Sequence of a record that is still to come, which is read by the mappings in force.</summary>
        public const long Coming = long.MaxValue - 1;

        private readonly TopicMap _topics = new(geography);
        private readonly PayloadDecoder _decoder = new(new MessagePool(16), options.FutureSeconds * 1000L, options.PastDays * 86_400_000L);

        /// <param name="sequence">The record's in this gateway's log, by which its mapping is found; 0 for none.</param>
        /// <returns>How many readings would be taken, and the first thing that would be refused.</returns>
        public (int Readings, Rejection? Rejection) Takes(byte[] topic, byte[] payload, long arrivalMs, long sequence)
        {
            var mapping = mappings.Find(sequence, topic);
            if (!_topics.TryResolve(mapping is null ? topic : mapping.MapTopic(topic), out var stream, out var device, out var reason, out var detail)) return (0, new(reason, detail, 1));
            if (TopicMap.FindWrongCell(stream, device) is { } wrong) return (0, wrong);
            _decoder.Decode(stream, mapping is null ? payload : mapping.MapPayload(payload), 1, arrivalMs);
            return (_decoder.Messages.Sum(m => m.Count), _decoder.Rejections.Count > 0 ? _decoder.Rejections[0] : null);
        }
    }
}
