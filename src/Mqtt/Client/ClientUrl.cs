namespace SmartCity.Mqtt;

/// <summary>Broker addresses as people write them: <c>scheme://[user[:password]@]host[:port][/path]</c>.</summary>
internal static class ClientUrl
{
    public static MqttClientOptions Apply(MqttClientOptions options, Uri url)
    {
        if (!url.IsAbsoluteUri) throw Wrong("The address is not absolute");
        MqttClientTransport? transport = url.Scheme switch
        {
            "mqtt" or "tcp" => MqttClientTransport.Tcp,
            "mqtts" or "ssl" or "tls" => MqttClientTransport.Tls,
            "ws" => MqttClientTransport.WebSocket,
            "wss" => MqttClientTransport.WebSocketTls,
            _ => null,
        };
        var web = transport is MqttClientTransport.WebSocket or MqttClientTransport.WebSocketTls;
        if (transport is null || url.Host.Length == 0) throw Wrong($"'{WithoutSecret(url)}' is not an MQTT address");
        if (!web && url.AbsolutePath is not ("" or "/")) throw Wrong($"'{WithoutSecret(url)}' has a path, which only ws:// and wss:// may have");
        var user = url.UserInfo.Split(':', 2);
        return options with
        {
            Transport = transport.Value,
            Host = url.DnsSafeHost,
            Port = url.Port > 0 ? url.Port : transport == MqttClientTransport.Tls ? 8883 : 1883,
            Path = !web ? options.Path : url.PathAndQuery is "/" or "" ? "/mqtt" : url.PathAndQuery,
            UserName = url.UserInfo.Length == 0 ? options.UserName : Uri.UnescapeDataString(user[0]),
            Password = user.Length < 2 ? options.Password : Uri.UnescapeDataString(user[1]),
        };
    }

    /// <summary>The address for a log or a message: whoever reads it must not learn the password.</summary>
    public static string WithoutSecret(Uri url) => url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped);

    private static ArgumentException Wrong(string what) =>
        new($"{what}; write mqtt://host:port, mqtts://host:port, ws://host:port/path or wss://host:port/path, for example mqtt://localhost:1883.");
}
