using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SmartCity.Mqtt.Tests;

namespace SmartCity.Mqtt.Fuzz;

/// <summary>
/// Mutated packets through a whole broker over loopback. What must hold: the broker lives and serves a bystander, logs no failure of its own, and forgets
/// every connection that is gone.
/// </summary>
internal sealed class BrokerFuzzer(int seed)
{
    private const MqttProtocolVersion V5 = MqttProtocolVersion.V500;
    private static readonly string[] s_failures = ["failed.", "could not be made durable", "could not be published", "Internal error"];

    private readonly Mutator _v311 = new(seed, Corpus.Load(MqttProtocolVersion.V311));
    private readonly Mutator _v5 = new(seed, Corpus.Load(V5));

    public long Connections { get; private set; }

    /// <exception cref="FuzzFindingException">Something did not hold.</exception>
    public async Task RunAsync(TimeSpan duration)
    {
        await using var host = await BrokerHost.StartAsync(limits: l => l.MaxPacketSize = 16 * 1024);
        using var bystander = await host.OpenRawAsync();
        await bystander.ConnectAsync("bystander", V5);
        await bystander.SubscribeAsync(V5, new MqttSubscription("bystander/only", MqttQoS.AtLeastOnce));
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            var sent = new List<byte[]>();
            for (var i = 0; i < 50; i++) sent.Add(await FloodAsync(host.Port));
            await CheckAsync(host, bystander, sent);
        }
    }

    private async Task<byte[]> FloodAsync(int port)
    {
        var version = Connections++ % 2 == 0 ? V5 : MqttProtocolVersion.V311;
        var mutator = version == V5 ? _v5 : _v311;
        var random = mutator.Random;
        var input = new List<byte>();

        // Most begin as a client should, or the rest would never be read.
        if (random.Next(8) > 0)
        {
            var connect = new System.Buffers.ArrayBufferWriter<byte>();
            new ConnectPacket { Version = version, ClientId = $"fuzz-{random.Next(20)}", CleanStart = random.Next(2) == 0, Properties = version == V5 ? new() { SessionExpiryInterval = (uint)random.Next(3), TopicAliasMaximum = (ushort)random.Next(4), ReceiveMaximum = (ushort)random.Next(1, 5) } : null }.Write(connect);
            input.AddRange(connect.WrittenSpan);
        }

        for (var packets = random.Next(1, 12); packets > 0; packets--) input.AddRange(mutator.NextPacket());
        byte[] bytes = [.. input];
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            for (var at = 0; at < bytes.Length;)
            {
                var count = Math.Min(bytes.Length - at, random.Next(4) == 0 ? random.Next(1, 8) : 4096);
                await socket.SendAsync(bytes.AsMemory(at, count));
                at += count;
            }
        }
        catch (SocketException)
        {
            // The broker has closed already, as it should after what came before.
        }

        if (random.Next(3) == 0) socket.LingerState = new(true, 0);
        return bytes;
    }

    private async Task CheckAsync(BrokerHost host, RawConnection bystander, List<byte[]> sent)
    {
        try
        {
            await bystander.PublishAsync(V5, "bystander/only", "mine", MqttQoS.AtLeastOnce, 1);
            var (acknowledged, received) = (false, false);
            while (!acknowledged || !received)
            {
                var bytes = await bystander.ReadPacketAsync("PUBACK and PUBLISH of the bystander");
                if (bytes[0] >> 4 == (int)MqttPacketType.PubAck) acknowledged = true;
                else received = true;
                if (bytes[0] >> 4 != (int)MqttPacketType.Publish) continue;
                await bystander.SendAsync(w => new PubAckPacket((ushort)(bytes[18] << 8 | bytes[19])).Write(w, V5));
            }

            await Eventually.True(() => host.Broker.OpenSockets == 1, "every connection but the bystander's to be forgotten");
        }
        catch (Exception e) when (e is TimeoutException or EndOfStreamException or SocketException)
        {
            throw new FuzzFindingException("The bystander was not served: " + e.Message, seed, Connections, V5, [.. sent.SelectMany(s => s)], e);
        }

        while (host.Log.Lines.TryDequeue(out var line))
        {
            if (s_failures.Any(f => line.Text.Contains(f, StringComparison.Ordinal)))
            {
                throw new FuzzFindingException("The broker logged a failure: " + line.Text, seed, Connections, V5, [.. sent.SelectMany(s => s)]);
            }
        }
    }
}
