using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What the meter and the activity source report.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests
{
    [Fact]
    public async Task Commits_rows_outbox_and_writes_are_counted_and_traced()
    {
        var sums = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == StorageTelemetry.Name) l.EnableMeasurementEvents(instrument);
            },
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            sums.AddOrUpdate(instrument.Name["smartcity.storage.".Length..] + string.Concat(tags.ToArray().Select(t => $" {t.Value}")), value, (_, sum) => sum + value);
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        listener.Start();
        var spans = new ConcurrentQueue<(string Name, ActivityStatusCode Status)>();
        using var tracer = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StorageTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => spans.Enqueue((activity.OperationName, activity.Status)),
        };
        ActivitySource.AddActivityListener(tracer);

        await using var peer = await ScriptedPeer.StartAsync();
        var options = new InfluxOptions { Url = peer.Url, MinRetryDelay = TimeSpan.FromMilliseconds(1) };
        await using var rig = await OutboxRig.StartAsync(options, pump: false);
        await rig.CommitAsync(3);
        await rig.CommitAsync(2);
        await Assert.ThrowsAsync<NullReferenceException>(() => rig.Store.CommitAsync(new StoreCommit { Latest = { ("d", null!) } }, default));
        Assert.Equal((2, rig.Status.WaitingBytes), (sums["outbox.chunks"], (long)sums["outbox.size"]));
        peer.Then(503).Then(413).Then(400);
        await rig.PumpAsync();
        await rig.UntilEmptyAsync();

        Assert.Equal((2, 1, 2), (sums["commits durable"], sums["commits failed"], sums["commit.duration"]));
        Assert.Equal(5, sums["rows windows"]);
        Assert.Equal((0, 0), (sums["outbox.chunks"], sums["outbox.size"]));
        Assert.Equal((1, 1, 1, 2, 1), (sums["influx.writes kept"], sums["influx.writes too_large"], sums["influx.writes rejected"], sums["influx.writes accepted"], sums["influx.retries"]));
        Assert.Equal((1, 4), (sums["influx.lines rejected"], sums["influx.lines accepted"])); // half of three is one
        Assert.Equal(1, spans.Count(s => s == ("storage.commit", ActivityStatusCode.Error)));
        Assert.Equal(2, spans.Count(s => s == ("storage.commit", ActivityStatusCode.Unset)));
        Assert.Equal(3, spans.Count(s => s == ("influx.write", ActivityStatusCode.Error)));
        Assert.Equal(2, spans.Count(s => s == ("influx.write", ActivityStatusCode.Unset)));
    }
}
