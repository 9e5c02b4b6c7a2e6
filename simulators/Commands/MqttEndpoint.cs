using System.CommandLine;
using SmartCity.Mqtt;

namespace SmartCity.Simulators;

/// <summary>Options of a broker's address with TLS, WebSocket and credentials.</summary>
internal sealed class MqttEndpoint
{
    public Option<string?> User { get; } = new("--user") { Description = "User name, instead of one in --url" };

    public Option<string?> Password { get; } = new("--password") { Description = "Password, instead of one in --url" };

    public Option<string?> CaFile { get; } = new("--ca-file") { Description = "PEM file of the authority that signed the broker's certificate (mqtts, wss)" };

    public IEnumerable<Option> All => [User, Password, CaFile];

    public static Option<Uri> Url() => new("--url", "-u")
    {
        Description = "Address of the MQTT broker: mqtt://, mqtts://, ws:// or wss://, then [user:password@]host[:port][/path]",
        DefaultValueFactory = _ => new("mqtt://localhost:1883"),
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            try
            {
                if (Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"mqtt://{text}", UriKind.Absolute, out var url))
                {
                    _ = new MqttClientOptions().WithUrl(url);
                    return url;
                }

                result.AddError($"'{text}' is not an MQTT address; write mqtt://host:port, mqtts://host:port, ws://host:port/path or wss://host:port/path.");
            }
            catch (ArgumentException e)
            {
                result.AddError(e.Message);
            }

            return null!;
        },
    };

    /// <summary>As <see cref="CommonOptions.GuardAsync"/>; what a broker refused is said with the option to change.</summary>
    public static Task<int> GuardAsync(Func<Task<int>> action) => CommonOptions.GuardAsync(async () =>
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (MqttConnectException e) when (e.ReasonCode is MqttReasonCode.BadUserNameOrPassword or MqttReasonCode.NotAuthorized)
        {
            throw new ArgumentException($"{e.Message} Check --user and --password, and whether the broker lets them connect.", e);
        }
        catch (Exception e) when (e is MqttProtocolException || (e is IOException && e is not (MqttConnectException or MqttConnectionLostException)))
        {
            throw new ArgumentException(e.Message, e);
        }
    });

    /// <summary>The client's options for these.</summary>
    public MqttClientOptions Read(ParseResult parsed, Uri url)
    {
        var options = new MqttClientOptions { CaFile = parsed.GetValue(CaFile) }.WithUrl(url);
        return options with { UserName = parsed.GetValue(User) ?? options.UserName, Password = parsed.GetValue(Password) ?? options.Password };
    }
}
