using System.Net.Sockets;

namespace SmartCity.Silo.Tests;

/// <summary>Publishes messages with QoS 1 in order, many in flight, over as many connections as it takes: what was not acknowledged is sent again.</summary>
public sealed class ResendingPublisher(int port, IReadOnlyList<(string Topic, string Payload)> messages)
{
    private const int MaxInFlight = 100;
    private readonly bool[] _acknowledged = new bool[messages.Count];
    private int _count;

    /// <summary>Messages in all.</summary>
    public int Count => messages.Count;

    /// <summary>Messages that have their PUBACK.</summary>
    public int Acknowledged => Volatile.Read(ref _count);

    public bool IsAcknowledged(int index) => Volatile.Read(ref _acknowledged[index]);

    /// <summary>Publishes over one connection until everything is acknowledged or the connection is lost.</summary>
    /// <param name="stopAt">Called once, when so many are acknowledged in all; for killing the host in mid-stream.</param>
    /// <returns>True when everything is acknowledged.</returns>
    public async Task<bool> RunAsync(string clientId, int stopAt = int.MaxValue, Func<Task>? stop = null)
    {
        using var mqtt = await RawMqtt.ConnectAsync(port, clientId);
        using var window = new SemaphoreSlim(MaxInFlight);
        using var lost = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, messages.Count).Where(i => !_acknowledged[i]).ToList();
        var stopping = Task.CompletedTask;
        var sending = SendAsync(mqtt, waiting, window, lost.Token);
        try
        {
            for (var i = 0; i < waiting.Count; i++)
            {
                var index = await mqtt.ReadPubAckAsync() - 1;
                Assert.False(_acknowledged[index], $"Message {index} was acknowledged twice on one connection.");
                Volatile.Write(ref _acknowledged[index], true);
                window.Release();
                if (Interlocked.Increment(ref _count) == stopAt) stopping = Task.Run(stop!);
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The host was killed.
        }

        await lost.CancelAsync();
        await sending;
        await stopping;
        return Acknowledged == messages.Count;
    }

    private async Task SendAsync(RawMqtt mqtt, List<int> indexes, SemaphoreSlim window, CancellationToken lost)
    {
        try
        {
            foreach (var index in indexes)
            {
                await window.WaitAsync(lost);
                await mqtt.SendAsync(RawMqtt.Publish(messages[index].Topic, messages[index].Payload, (ushort)(index + 1)));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The connection is gone; the next one sends the rest.
        }
    }
}
