using System.IO.Compression;
using System.Text.Json;

namespace SmartCity.Simulators;

/// <summary>Writes a truth to a folder while it happens. What is in memory is one buffer for each file. Thread-safe.</summary>
public sealed class TruthWriter : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly Part[] _parts = new Part[TruthFiles.Parts];
    private readonly SortedDictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _causes = new(StringComparer.Ordinal);
    private long _resent;

    /// <exception cref="ArgumentException">The folder has a truth already.</exception>
    public TruthWriter(string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new ArgumentException($"The folder '{folder}' is not empty; name a new one for --truth, or delete it.");
        Directory.CreateDirectory(folder);
        _folder = folder;
        for (var i = 0; i < _parts.Length; i++) _parts[i] = new(TruthFiles.PartFile(folder, i));
    }

    public void Add(TruthRecord record)
    {
        lock (_gate)
        {
            _parts[TruthFiles.PartOf(record.Stream)].Write(record);
            Count(_outcomes, record.Outcome.ToString());
            foreach (var fault in record.Faults) Count(_causes, fault);
            if (record.Tries > 1) _resent++;
        }
    }

    /// <summary>Closes the files and writes the run, with the counts of this truth. Without it the truth is not whole.</summary>
    public TruthRun Finish(TruthRun run)
    {
        lock (_gate)
        {
            Dispose();
            run = run with { Messages = new SortedDictionary<string, long>(_outcomes), Causes = new SortedDictionary<string, long>(_causes), Resent = _resent };
            TruthFiles.WriteRun(_folder, run);
            return run;
        }
    }

    public void Dispose()
    {
        foreach (var part in _parts) part.Dispose();
    }

    private static void Count(SortedDictionary<string, long> counts, string name) => counts[name] = counts.GetValueOrDefault(name) + 1;

    private sealed class Part(string file) : IDisposable
    {
        private readonly GZipStream _stream = new(File.Create(file), CompressionLevel.Fastest);
        private readonly Utf8JsonWriter _json = new(Stream.Null);
        private readonly MemoryStream _line = new();
        private bool _closed;
        private bool _isEmpty = true;

        public void Write(TruthRecord record)
        {
            _isEmpty = false;
            _line.SetLength(0);
            _json.Reset(_line);
            record.WriteTo(_json);
            _json.Flush();
            _line.WriteByte((byte)'\n');
            _stream.Write(_line.GetBuffer(), 0, (int)_line.Length);
        }

        public void Dispose()
        {
            if (_closed) return;
            _closed = true;
            GzipFile.Close(_stream, _isEmpty);
            _json.Dispose();
            _line.Dispose();
        }
    }
}
