using System.Net;
using System.Net.Sockets;

namespace SmartCity.Mqtt.Tests;

/// <summary>Many at once: floods of connections and wills, with a bystander who must not notice.</summary>
public sealed class StormTests
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;

    [Fact]
    public async Task Ten_thousand_silent_connections_from_one_address_take_its_places_and_nobody_elses()
    {
        const int Count = 10_000;

        // However slow the machine: none of them may run into its deadline and make room for the next.
        await using var host = await BrokerHost.StartAsync(limits: l => l.ConnectTimeout = TimeSpan.FromMinutes(10));
        var silent = new List<Socket>(Count);
        for (var i = 0; i < Count; i++)
        {
            silent.Add(Open(host.Port, "127.0.0.2"));
            if (i % 2500 == 2499) await AssertServedAsync(host, $"bystander-{i}");
        }

        // Not every one: the kernel may still hold back some whose accept queue was full.
        await Eventually.True(() => host.Metrics.Refused(MqttReasonCode.ConnectionRateExceeded) > Count / 2, "most to be refused");
        // One that is being refused counts for an instant.
        await Eventually.True(() => host.Broker.OpenSockets - OpenOf(host) <= host.Broker.Limits.MaxPendingConnectionsPerAddress, "no more than the limit to be open");
        await AssertServedAsync(host, "bystander-last");
        foreach (var socket in silent) socket.Dispose();
        await Eventually.True(() => host.Broker.OpenSockets == OpenOf(host), "their places to be free again");
    }

    [Fact]
    public async Task Wills_of_a_whole_district_that_lost_power_wait_for_the_application_and_each_comes_once()
    {
        const int Count = 1000;
        var handler = new ScriptedHandler { Durable = false };
        await using var host = await BrokerHost.StartAsync(handler);
        var devices = new List<RawConnection>(Count);
        for (var i = 0; i < Count; i++)
        {
            var device = await host.OpenRawAsync();
            var payload = BitConverter.GetBytes(i);
            await device.ConnectAsync($"d{i}", V5, p => p with { Will = new($"gone/{i}", payload, MqttQoS.AtLeastOnce, false) });
            devices.Add(device);
        }

        handler.HoldBack();
        foreach (var device in devices) device.Reset();
        await Eventually.True(() => host.Metrics.ConnectionsOpen == 0, "all connections to be lost");
        Assert.Empty(handler.Accepted);
        handler.GoOn();
        await Eventually.True(() => handler.Accepted.Count == Count, "every will");
        Assert.Equal(Count, handler.Accepted.Select(a => a.Topic).Distinct().Count());
    }

    /// <summary>Connections with an accepted CONNECT, the bystanders'.</summary>
    private static int OpenOf(BrokerHost host) => (int)host.Metrics.ConnectionsOpen;

    private static async Task AssertServedAsync(BrokerHost host, string clientId)
    {
        using var peer = await host.OpenRawAsync();
        Assert.Equal(0, (await peer.ConnectAsync(clientId, V5))[3]);
        await peer.PublishAsync(V5, "t", "x", MqttQoS.AtLeastOnce, 1);
        Assert.Equal(0x40, (await peer.ReadPacketAsync("PUBACK"))[0]);
        await peer.SendAsync(0xE0, 0);
        Assert.True(await peer.IsClosedAsync());
    }

    private static Socket Open(int port, string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        try
        {
            socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            // Refused so fast that the reset came before the connect had returned.
        }

        return socket;
    }
}
