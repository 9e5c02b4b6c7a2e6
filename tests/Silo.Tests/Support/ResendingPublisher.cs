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
    /// <param name="stopAt">How many are acknowledged in all when <paramref name="stop"/> is called.</param>
    /// <param name="stop">Called once, for killing the host, say; the last message is not sent before it is through, so that it is in mid-stream for certain.</param>
    /// <returns>True when everything is acknowledged.</returns>
    public async Task<bool> RunAsync(string clientId, int stopAt = int.MaxValue, Func<Task>? stop = null)
    {
        using var mqtt = await RawMqtt.ConnectAsync(port, clientId);
        using var window = new SemaphoreSlim(MaxInFlight);
        using var lost = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, messages.Count).Where(i => !_acknowledged[i]).ToList();
        var stopping = Task.CompletedTask;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (stop is null) stopped.SetResult();
        var sending = SendAsync(mqtt, waiting, window, stopped.Task, lost.Token);
        try
        {
            for (var i = 0; i < waiting.Count; i++)
            {
                var index = await mqtt.ReadPubAckAsync() - 1;
                Assert.False(_acknowledged[index], $"Message {index} was acknowledged twice on one connection.");
                Volatile.Write(ref _acknowledged[index], true);
                window.Release();
                if (Interlocked.Increment(ref _count) == stopAt) stopping = StopAsync(stop!, stopped);
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

    private static async Task StopAsync(Func<Task> stop, TaskCompletionSource stopped)
    {
        try
        {
            await Task.Run(stop);
        }
        finally
        {
            stopped.SetResult();
        }
    }

    private async Task SendAsync(RawMqtt mqtt, List<int> indexes, SemaphoreSlim window, Task beforeTheLast, CancellationToken lost)
    {
        try
        {
            foreach (var index in indexes)
            {
                if (index == indexes[^1]) await beforeTheLast.WaitAsync(lost);
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
