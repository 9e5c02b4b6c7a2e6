using System.Collections.Concurrent;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace SmartCity.Gateway;

/// <summary>
/// What an administrator must be able to look up later, one JSON object a line in <c>audit.log</c>: refused and throttled logins, denied topics, changes
/// of users and rules. Never a password, a token or a hash. A file grows to 16 MiB, five are kept; the server and the command line write to the same one.
/// </summary>
public sealed partial class AuditLog(string folder, TimeProvider time, ILogger<AuditLog> logger)
{
    /// <summary>Name of the file in the data folder.</summary>
    public const string FileName = "audit.log";

    private const long MaxBytes = 16 * 1024 * 1024;
    private const int Files = 5;

    /// <summary>Lines of one kind of event a second; the next line says how many were left out.</summary>
    private const int PerSecond = 50;

    /// <summary>Characters of a name that a stranger chose.</summary>
    private const int MaxText = 128;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Default,
    };

    private readonly ConcurrentDictionary<string, Budget> _budgets = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private bool _failed;

    /// <summary>Writes a line.</summary>
    /// <param name="kind">What happened, one of a fixed few words.</param>
    /// <param name="leftOut">Events of the same client that were not written since its last one.</param>
    public void Write(string kind, string? user = null, string? client = null, EndPoint? peer = null, string? why = null, string? topic = null, int leftOut = 0)
    {
        var now = time.GetUtcNow();
        var budget = _budgets.GetOrAdd(kind, static _ => new());
        lock (_gate)
        {
            if (!budget.Take(now.ToUnixTimeSeconds(), out var suppressed)) return;
            leftOut += suppressed;
            var line = JsonSerializer.SerializeToUtf8Bytes(
                new Line(now, kind, Cut(user), Cut(client), (peer as IPEndPoint)?.ToString(), why, Cut(topic), leftOut == 0 ? null : leftOut), s_json);
            try
            {
                Append([.. line, (byte)'\n']);
                _failed = false;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (!_failed) LogFailed(exception.Message, Path.Combine(folder, FileName));
                _failed = true;
                budget.LeaveOut(leftOut + 1);
            }
        }
    }

    private static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] + "…" : text;

    private void Append(byte[] line)
    {
        var path = Path.Combine(folder, FileName);
        // The other process holds the file only for one write.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using (var file = new FileStream(path, Options()))
                {
                    file.Write(line);
                    if (file.Length < MaxBytes) return;
                }

                Rotate(path);
                return;
            }
            catch (IOException) when (attempt < 50 && File.Exists(path))
            {
                Thread.Sleep(1);
            }
        }
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static void Rotate(string path)
    {
        for (var i = Files - 1; i > 0; i--)
        {
            var from = i == 1 ? path : $"{path}.{i - 1}";
            if (File.Exists(from)) File.Move(from, $"{path}.{i}", overwrite: true);
        }
    }

    [LoggerMessage(5301, LogLevel.Error, "The audit log '{File}' could not be written ({Problem}); events are counted and the next line that can be written says how many are missing.")]
    private partial void LogFailed(string problem, string file);

    private sealed record Line(DateTimeOffset At, string Event, string? User, string? Client, string? Address, string? Why, string? Topic, int? LeftOut);

    private sealed class Budget
    {
        private long _second;
        private int _used;
        private int _left;

        public bool Take(long second, out int suppressed)
        {
            suppressed = 0;
            if (second != _second) (_second, _used) = (second, 0);
            if (++_used > PerSecond)
            {
                _left++;
                return false;
            }

            (suppressed, _left) = (_left, 0);
            return true;
        }

        public void LeaveOut(int events) => _left += events;
    }
}
