using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace SmartCity.Gateway;

/// <summary>The issuer's public keys, read again when their file has changed; a file that cannot be used leaves the old ones in force.</summary>
public sealed partial class TokenKeys
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly ILogger<TokenKeys> _logger;
    private string _stamp;
    private long _looked;
    private List<SecurityKey> _keys;

    /// <exception cref="InvalidOperationException">The file cannot be used; the message says what to write.</exception>
    public TokenKeys(JwtOptions options, TimeProvider time, ILogger<TokenKeys> logger)
    {
        (_file, _time, _logger) = (options.Keys!, time, logger);
        _stamp = Stamp();
        _keys = Load();
        _looked = time.GetTimestamp();
    }

    /// <summary>The keys in force: public keys only. A symmetric key in the file is left out, since whoever can check with it can also sign.</summary>
    public IReadOnlyList<SecurityKey> Current
    {
        get
        {
            lock (_gate)
            {
                if (_time.GetElapsedTime(_looked) < s_interval) return _keys;
                _looked = _time.GetTimestamp();
                try
                {
                    var stamp = Stamp();
                    if (stamp == _stamp) return _keys;
                    _stamp = stamp;
                    _keys = Load();
                    LogReloaded(_file, _keys.Count);
                }
                catch (Exception exception) when (exception is InvalidOperationException or IOException or UnauthorizedAccessException)
                {
                    LogKept(exception.Message);
                }

                return _keys;
            }
        }
    }

    private List<SecurityKey> Load()
    {
        try
        {
            var keys = new JsonWebKeySet(File.ReadAllText(_file)).GetSigningKeys().Where(k => k is AsymmetricSecurityKey).ToList();
            return keys.Count > 0 ? keys : throw new InvalidDataException("it holds no RSA or P-256 signing key");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new InvalidOperationException(
                $"Access:Jwt:Keys '{_file}' cannot be used: {exception.Message.TrimEnd('.')}. Write a file with a JSON Web Key Set, {{\"keys\":[…]}}, of the issuer's public keys.", exception);
        }
    }

    private string Stamp()
    {
        var info = new FileInfo(_file);
        if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) info = target;
        return info.Exists ? $"{info.FullName} {info.LastWriteTimeUtc.Ticks} {info.Length}" : "missing";
    }

    [LoggerMessage(5305, LogLevel.Information, "The changed token keys in '{File}' are in force: {Keys} keys.")]
    private partial void LogReloaded(string file, int keys);

    [LoggerMessage(5306, LogLevel.Error, "The changed token keys cannot be used, the old ones stay in force: {Problem}")]
    private partial void LogKept(string problem);
}
