using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>A pump between a real log and fake grains.</summary>
internal sealed class PumpRig : IDisposable
{
    private IngestPump? _pump;

    public LogRig Log { get; } = new();

    public FakeGrains Grains { get; private set; } = new();

    public GatewayOptions Options { get; } = new();

    public ListLogger<IngestPump> Logger { get; } = new();

    public IntakeLog Intake { get; private set; } = null!;

    /// <summary>Called with each pump before it starts.</summary>
    public Action<IngestPump>? Starting { get; set; }

    public IngestPump Start(StoreMarks? marks = null, params DeviceRecord[] devices)
    {
        Stop();
        Grains = new() { OnIngest = Grains.OnIngest };
        var from = marks ?? new(-1, -1);
        Log.Options.Batches = 1000;
        Intake = Log.Open(LogPosition.SequenceThrough(from.Checkpoint));
        _pump = new(Intake, new(), Grains.Factory, Geography.Default, Options, 60, new TestMeters(), Logger);
        Starting?.Invoke(_pump);
        _pump.Start(from, devices);
        return _pump;
    }

    public async Task<long> PublishAsync(string payload, string device = "d1", string stream = "nam/sg/air")
    {
        var sequence = LogRig.Append(Intake, payload, $"city/{stream}/{device}");
        await Eventually.Within(Intake.WhenDurableAsync(sequence).AsTask(), "an acknowledgement");
        return sequence;
    }

    public Task AppliedAsync(long sequence) => Eventually.IsTrue(() => _pump!.AppliedThrough >= LogPosition.Through(sequence), $"record {sequence} to be applied");

    public void Stop()
    {
        _pump?.Dispose();
        _pump = null;
        Log.Close();
    }

    public void Dispose()
    {
        Stop();
        Log.Dispose();
    }
}
