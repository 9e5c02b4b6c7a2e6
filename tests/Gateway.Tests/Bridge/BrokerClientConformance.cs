using System.Collections.Concurrent;
using System.Text;

namespace SmartCity.Gateway.Tests;

/// <summary>What every MQTT client behind the bridge must do, against a real mosquitto.</summary>
public abstract class BrokerClientConformance
{
    /// <summary>The implementation under test.</summary>
    protected abstract IBrokerClient Create(BridgeOptions options);

    [Theory]
    [InlineData("5", 1)]
    [InlineData("5", 2)]
    [InlineData("3.1.1", 1)]
    [InlineData("3.1.1", 2)]
    public async Task What_is_not_durable_is_not_acknowledged_and_comes_again_to_the_next_process(string version, int qos)
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var options = Options(mosquitto, version, qos);
        var first = new RecordingIntake();
        await using (var run = Run.Start(Create(options), first))
        {
            await first.WhenConnected.WaitAsync(s_patience, TestContext.Current.CancellationToken);
            for (var i = 0; i < 5; i++) await mosquitto.PublishAsync("city/x", $"{i}");
            await first.WhenAsync(5);
            first.Sync(2);
            await WhenAsync(() => run.Client.Acknowledged == 2, "two acknowledgements");
        }

        var second = new RecordingIntake();
        await using (Run.Start(Create(options), second))
        {
            await second.WhenAsync(3);
            await mosquitto.PublishAsync("city/x", "last");
            await second.WhenAsync(4);
        }

        Assert.Equal(["0", "1", "2", "3", "4"], first.Payloads);
        Assert.Equal(["2", "3", "4", "last"], second.Payloads);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("3.1.1")]
    public async Task What_is_taken_without_an_acknowledgement_is_bounded(string version)
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var options = Options(mosquitto, version, 1);
        options.ReceiveMaximum = 3;
        var intake = new RecordingIntake();
        await using var run = Run.Start(Create(options), intake);
        await intake.WhenConnected.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        for (var i = 0; i < 10; i++) await mosquitto.PublishAsync("city/x", $"{i}");
        for (var i = 0; i < 10; i++)
        {
            await intake.WhenAsync(Math.Min(10, i + 3));

            // mosquitto 2.0 sends a few more than the Receive Maximum, where there is one, when acknowledgements and new messages cross.
            Assert.True(intake.Payloads.Count <= i + (version == "5" ? 6 : 3), $"{intake.Payloads.Count} messages are here, {i} are durable.");
            intake.Sync(i + 1);
        }

        Assert.Equal(10, intake.Payloads.Distinct().Count());
        Assert.Empty(intake.Problems);
    }

    /// <summary>mosquitto 2.0 sends again whatever was under way, whatever Receive Maximum the session comes back with.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_session_that_comes_back_with_more_under_way_than_the_Receive_Maximum_is_taken_over(int qos)
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var options = Options(mosquitto, "5", qos);
        options.ReceiveMaximum = 60;
        var first = new RecordingIntake();
        await using (Run.Start(Create(options), first))
        {
            await first.WhenConnected.WaitAsync(s_patience, TestContext.Current.CancellationToken);
            for (var i = 0; i < 50; i++) await mosquitto.PublishAsync("city/x", $"{i}");
            await first.WhenAsync(50);
        }

        options.ReceiveMaximum = 5;
        var second = new RecordingIntake();
        await using var run = Run.Start(Create(options), second);
        for (var i = 0; i < 50; i++)
        {
            await second.WhenAsync(i + 1);
            second.Sync(i + 1);
        }

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), second.Payloads);
        Assert.Empty(second.Problems);
    }

    [Fact]
    public async Task It_comes_back_after_the_broker_was_killed_and_reports_each_change()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var intake = new RecordingIntake();
        await using var run = Run.Start(Create(Options(mosquitto, "5", 1)), intake);
        await intake.WhenConnected.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        mosquitto.Kill();
        await WhenAsync(() => !intake.Problems.IsEmpty, "the loss to be reported");
        await mosquitto.StartAgainAsync();
        await WhenAsync(() => intake.Connects == 2, "the connection to be back");
        await mosquitto.PublishAsync("city/x", "after");
        await intake.WhenAsync(1);
        Assert.Equal(["after"], intake.Payloads);
    }

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static BridgeOptions Options(MosquittoServer mosquitto, string version, int qos) => new()
    {
        Url = $"mqtt://127.0.0.1:{mosquitto.Port}",
        ClientId = "conformance",
        Version = version,
        QoS = qos,
        MinReconnectDelay = TimeSpan.FromMilliseconds(10),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
    };

    private static async Task WhenAsync(Func<bool> condition, string awaited)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var started = TimeProvider.System.GetTimestamp(); !condition(); await timer.WaitForNextTickAsync())
        {
            if (TimeProvider.System.GetElapsedTime(started) > s_patience) throw new TimeoutException($"Not within {s_patience.TotalSeconds} s: {awaited}.");
        }
    }

    private sealed class Run(IBrokerClient client) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Task _running = Task.CompletedTask;

        public IBrokerClient Client => client;

        public static Run Start(IBrokerClient client, IBrokerIntake intake)
        {
            var run = new Run(client);
            run._running = client.RunAsync(intake, run._stop.Token);
            return run;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.WaitAsync(s_patience);
            _stop.Dispose();
        }
    }

    /// <summary>An intake whose disk the test drives.</summary>
    private sealed class RecordingIntake : IBrokerIntake
    {
        private readonly Lock _lock = new();
        private readonly List<(long Ticket, TaskCompletionSource Done)> _waiting = [];
        private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _durable;
        private int _connects;

        public ConcurrentQueue<string> Payloads { get; } = new();

        public ConcurrentQueue<string> Problems { get; } = new();

        public Task WhenConnected => _connected.Task;

        public int Connects => Volatile.Read(ref _connects);

        public long Durable => Volatile.Read(ref _durable);

        public long Append(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
        {
            Assert.Equal("city/x", Encoding.UTF8.GetString(topic));
            lock (_lock)
            {
                Payloads.Enqueue(Encoding.UTF8.GetString(payload));
                return Payloads.Count;
            }
        }

        public ValueTask WhenDurableAsync(long ticket)
        {
            lock (_lock)
            {
                if (ticket <= _durable) return default;
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((ticket, done));
                return new(done.Task);
            }
        }

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken) => default;

        public void Sync(long ticket)
        {
            lock (_lock)
            {
                Volatile.Write(ref _durable, ticket);
                foreach (var (_, done) in _waiting.Where(w => w.Ticket <= ticket)) done.TrySetResult();
                _waiting.RemoveAll(w => w.Ticket <= ticket);
            }
        }

        public void Connected()
        {
            Interlocked.Increment(ref _connects);
            _connected.TrySetResult();
        }

        public void NotConnected(string reason) => Problems.Enqueue(reason);

        public Task WhenAsync(int count) => BrokerClientConformance.WhenAsync(() => Payloads.Count >= count, $"{count} messages");
    }
}
