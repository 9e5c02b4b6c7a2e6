using System.IO.Compression;
using System.Text.Json;

namespace SmartCity.Simulators;

/// <summary>
/// The files of a truth: <c>run.json</c>, and <c>sent-00.jsonl.gz</c> to <c>sent-63.jsonl.gz</c> with one <see cref="TruthRecord"/> a line. All messages of a device are in
/// one file, so that answers can be worked out file by file, in a sixty-fourth of the memory.
/// </summary>
public static class TruthFiles
{
    public const int Parts = 64;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string PartFile(string folder, int part) => Path.Combine(folder, FormattableString.Invariant($"sent-{part:00}.jsonl.gz"));

    public static string RunFile(string folder) => Path.Combine(folder, "run.json");

    /// <summary>The part that holds a device.</summary>
    public static int PartOf(string stream) => (int)(SeededRandom.Mix(SeededRandom.Hash(stream)) % Parts);

    public static void WriteRun(string folder, TruthRun run) => File.WriteAllText(RunFile(folder), JsonSerializer.Serialize(run, s_json));

    /// <exception cref="ArgumentException">There is no truth in the folder, or it is not whole; the message says what to do.</exception>
    public static TruthRun ReadRun(string folder)
    {
        if (!File.Exists(RunFile(folder))) throw new ArgumentException($"There is no run.json in '{folder}'; write a truth first: city --truth {folder}, and let it end (Ctrl+C once is an end).");
        try
        {
            return JsonSerializer.Deserialize<TruthRun>(File.ReadAllText(RunFile(folder)), s_json) is { Format: 1 } run
                ? run : throw new ArgumentException($"{RunFile(folder)} has a format that this program does not read; use the program that wrote it.");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"{RunFile(folder)} is damaged: {e.Message}");
        }
    }

    /// <summary>Messages of a part, in the order in which their fate was decided.</summary>
    /// <exception cref="ArgumentException">The file is damaged; the message names file and line.</exception>
    public static IEnumerable<TruthRecord> Read(string folder, int part)
    {
        var file = PartFile(folder, part);
        if (!File.Exists(file)) throw new ArgumentException($"{file} is missing; the truth is not whole.");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        for (var number = 1; ; number++)
        {
            TruthRecord record;
            try
            {
                if (reader.ReadLine() is not { } line) yield break;
                record = TruthRecord.Parse(line);
            }
            catch (Exception e) when (e is FormatException or InvalidDataException)
            {
                throw new ArgumentException($"{file}, line {number}: {e.Message}");
            }

            yield return record;
        }
    }
}
