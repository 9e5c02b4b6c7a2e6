using System.Buffers;
using System.Diagnostics;

namespace SmartCity.Mqtt.Fuzz;

/// <summary>
/// Mutated packets through the parser. What must hold: no exception; no more memory than the input warrants; the same packets, and the same refusal at the
/// same place, as the reference reader; the same answer however the bytes are cut into segments; and what was taken, written again, reads the same.
/// </summary>
internal sealed class ParserFuzzer(int seed)
{
    private const int MaxPacketSize = 4096;

    /// <summary>A property or filter of a few bytes becomes objects of some hundred.</summary>
    private const int BytesPerByte = 128;
    private const int BytesPerInput = 16 * 1024;

    private readonly Mutator _v311 = new(seed, Corpus.Load(MqttProtocolVersion.V311));
    private readonly Mutator _v5 = new(seed, Corpus.Load(MqttProtocolVersion.V500));

    public long Inputs { get; private set; }

    /// <summary>Packets that both readers took.</summary>
    public long Packets { get; private set; }

    /// <summary>Inputs that ended with a refusal.</summary>
    public long Refused { get; private set; }

    /// <exception cref="FuzzFindingException">Something did not hold.</exception>
    public void Run(TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            for (var i = 0; i < 100; i++)
            {
                var version = Inputs % 2 == 0 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311;
                var mutator = version == MqttProtocolVersion.V500 ? _v5 : _v311;
                Try(mutator.Next(), version, mutator.Random);
            }
        }
    }

    /// <summary>One input.</summary>
    public void Try(byte[] input, MqttProtocolVersion version, Random random)
    {
        Inputs++;
        FuzzFindingException Finding(string what, Exception? inner = null) => new(what, seed, Inputs, version, input, inner);
        List<string> lines;
        long consumed;
        var again = new List<byte[]>();
        try
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            lines = ProductionReader.ReadAll(new(input), version, MaxPacketSize, null, out consumed);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > BytesPerInput + ((long)BytesPerByte * input.Length)) throw Finding($"{allocated} bytes were allocated for an input of {input.Length}.");
            ProductionReader.ReadAll(new(input), version, MaxPacketSize, again, out _);
        }
        catch (Exception e) when (e is not FuzzFindingException)
        {
            throw Finding("The parser threw: " + e, e);
        }

        var expected = ReadReference(input, version, out var expectedConsumed);
        if (!lines.SequenceEqual(expected) || consumed != expectedConsumed)
        {
            throw Finding($"The readers disagree.\nparser    {consumed}: {string.Join(" | ", lines)}\nreference {expectedConsumed}: {string.Join(" | ", expected)}");
        }

        if (!ProductionReader.ReadAll(Cut(input, random), version, MaxPacketSize, null, out _).SequenceEqual(lines)) throw Finding("Cut into segments it reads otherwise.");
        for (var i = 0; i < again.Count; i++)
        {
            var reread = ProductionReader.ReadAll(new(again[i]), version, int.MaxValue, null, out _);
            if (!reread.SequenceEqual([lines[i]])) throw Finding($"Written again as {Convert.ToHexString(again[i])} it reads otherwise.\nfirst {lines[i]}\nagain {string.Join(" | ", reread)}");
        }

        Packets += again.Count;
        if (lines is [.., "!"]) Refused++;
    }

    private static List<string> ReadReference(byte[] input, MqttProtocolVersion version, out long consumed)
    {
        var lines = new List<string>();
        consumed = 0;
        try
        {
            while (ReferenceReader.Read(input, (int)consumed, version, MaxPacketSize) is { Length: > 0 } read)
            {
                lines.Add(read.Line);
                consumed += read.Length;
            }
        }
        catch (MalformedException)
        {
            lines.Add("!");
        }

        return lines;
    }

    private static ReadOnlySequence<byte> Cut(byte[] input, Random random)
    {
        if (input.Length < 2) return new(input);
        var first = new Segment(input.AsMemory(0, random.Next(1, input.Length)));
        var last = first;
        for (var at = first.Memory.Length; at < input.Length; at += last.Memory.Length) last = last.Append(input.AsMemory(at, random.Next(1, Math.Min(input.Length - at, 16) + 1)));
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
