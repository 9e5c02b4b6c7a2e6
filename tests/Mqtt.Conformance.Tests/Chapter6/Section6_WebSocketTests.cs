using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>3.1.1 and 5.0 §6: WebSocket.</summary>
public sealed class Section6_WebSocketTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private WebApplication? _app;
    private Uri? _uri;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddMqttBroker();
        ListenOptions? listen = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, options => listen = options));
        _app = builder.Build();
        _app.UseWebSockets();
        var handler = _app.Services.GetRequiredService<MqttWebSocketHandler>();
        _app.Run(handler.HandleAsync);
        await _app.StartAsync();
        _uri = new($"ws://127.0.0.1:{listen!.IPEndPoint!.Port}/mqtt");
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    [Theory(DisplayName = "3.1.1 [MQTT-6.0.0-1] 5.0 [MQTT-6.0.0-1] Packets come in binary frames; a text frame closes the connection")]
    [ClassData(typeof(BothVersions))]
    public async Task Binary_frames(MqttProtocolVersion version)
    {
        using var socket = await OpenAsync("mqtt");
        await socket.SendAsync(Craft.Connect(version, 2, Craft.Text("a")), WebSocketMessageType.Binary, true, default);
        var answer = await ReadAsync(socket, 4);
        Assert.Equal((WebSocketMessageType.Binary, 0x20), (answer.Type, answer.Bytes[0]));
        await socket.SendAsync(new byte[] { 0xC0, 0 }, WebSocketMessageType.Text, true, default);
        var buffer = new byte[100];
        WebSocketReceiveResult result;
        do result = await socket.ReceiveAsync(buffer, default).WaitAsync(s_patience);
        while (result.MessageType != WebSocketMessageType.Close);
        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, result.CloseStatus);
    }

    [Theory(DisplayName = "3.1.1 [MQTT-6.0.0-2] 5.0 [MQTT-6.0.0-2] Packets need not be aligned with frames: one may span many, and one frame may hold many")]
    [ClassData(typeof(BothVersions))]
    public async Task Frames_and_packets(MqttProtocolVersion version)
    {
        using var socket = await OpenAsync("mqtt");
        foreach (var b in Craft.Connect(version, 2, Craft.Text("a"))) await socket.SendAsync(new[] { b }, WebSocketMessageType.Binary, true, default);
        Assert.Equal(0x20, (await ReadAsync(socket, 4)).Bytes[0]);
        await socket.SendAsync(new byte[] { 0xC0, 0, 0xC0, 0, 0xC0 }, WebSocketMessageType.Binary, true, default);
        await socket.SendAsync(new byte[] { 0, 0xC0, 0 }, WebSocketMessageType.Binary, true, default);
        var pongs = new List<byte>();
        while (pongs.Count < 8) pongs.AddRange((await ReadAsync(socket, 1)).Bytes);
        Assert.EndsWith("D000D000D000D000", Convert.ToHexString([.. pongs]), StringComparison.Ordinal);
    }

    [Fact(DisplayName = "3.1.1 [MQTT-6.0.0-4] 5.0 [MQTT-6.0.0-4] The server answers with the subprotocol mqtt, and takes no WebSocket without it")]
    public async Task Subprotocol()
    {
        using var socket = await OpenAsync("chat", "mqtt");
        Assert.Equal("mqtt", socket.SubProtocol);
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync("chat"));
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync());
    }

    private async Task<ClientWebSocket> OpenAsync(params string[] subprotocols)
    {
        var socket = new ClientWebSocket();
        foreach (var name in subprotocols) socket.Options.AddSubProtocol(name);
        await socket.ConnectAsync(_uri!, default).WaitAsync(s_patience);
        return socket;
    }

    /// <summary>Reads at least so many bytes.</summary>
    private static async Task<(WebSocketMessageType Type, byte[] Bytes)> ReadAsync(ClientWebSocket socket, int least)
    {
        var bytes = new List<byte>();
        var buffer = new byte[100];
        WebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer, default).WaitAsync(s_patience);
            bytes.AddRange(buffer[..result.Count]);
        }
        while (bytes.Count < least || !result.EndOfMessage);
        return (result.MessageType, [.. bytes]);
    }
}
