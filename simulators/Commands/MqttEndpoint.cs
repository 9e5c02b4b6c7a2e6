using System.CommandLine;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>Options of a broker's address with TLS, WebSocket and credentials.</summary>
internal sealed class MqttEndpoint
{
    /// <summary>Environment variable that has the user name, so that it need not be on the command line.</summary>
    public const string UserVariable = "SMARTCITY_MQTT_USER";

    /// <summary>Environment variable that has the password.</summary>
    public const string PasswordVariable = "SMARTCITY_MQTT_PASSWORD";

    private readonly Option<Uri> _url = new("--url", "-u")
    {
        Description = "Address of the MQTT broker: mqtt://, mqtts://, ws:// or wss://, then [user:password@]host[:port][/path]",
        DefaultValueFactory = _ => new("mqtt://localhost:1883"),
        CustomParser = Parse,
    };

    private readonly Option<string?> _user = new("--user") { Description = $"User name; without it the one in --url, else {UserVariable} of the environment" };

    private readonly Option<string?> _password = new("--password")
    {
        Description = $"Password; without it the one in --url, else {PasswordVariable} of the environment, which other users of the machine cannot read",
    };

    private readonly Option<string?> _caFile = new("--ca-file") { Description = "PEM file of the authority that signed the broker's certificate (mqtts, wss)" };

    public IEnumerable<Option> All => [_url, _user, _password, _caFile];

    /// <exception cref="ArgumentException">An authority without TLS; the message says what to write instead.</exception>
    public static void CheckCaFile(Uri url, string? caFile)
    {
        if (caFile is not null && url.Scheme is not ("mqtts" or "ssl" or "tls" or "wss"))
            throw new ArgumentException($"--ca-file needs TLS; write --url mqtts://{url.Host}:8883 or wss://…, not {url.Scheme}://.");
    }

    public Uri Url(ParseResult parsed) => parsed.GetRequiredValue(_url);

    /// <summary>The client's options for these.</summary>
    /// <exception cref="ArgumentException">They do not fit together; the message says what to write instead.</exception>
    public MqttClientOptions Read(ParseResult parsed)
    {
        var url = Url(parsed);
        var environment = new MqttClientOptions { UserName = Variable(UserVariable), Password = Variable(PasswordVariable), CaFile = parsed.GetValue(_caFile) };
        CheckCaFile(url, environment.CaFile);
        var options = environment.WithUrl(url);
        return options with { UserName = parsed.GetValue(_user) ?? options.UserName, Password = parsed.GetValue(_password) ?? options.Password };
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static Uri Parse(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        try
        {
            if (Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"mqtt://{text}", UriKind.Absolute, out var url))
            {
                _ = new MqttClientOptions().WithUrl(url);
                return url;
            }

            // What cannot be read may have a password in it.
            result.AddError("--url is not an MQTT address; write mqtt://host:port, mqtts://host:port, ws://host:port/path or wss://host:port/path.");
        }
        catch (ArgumentException e)
        {
            result.AddError(e.Message);
        }

        return null!;
    }
}
