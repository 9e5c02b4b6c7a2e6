using System.Runtime.CompilerServices;

namespace SmartCity.Gateway;

/// <summary>One message on its way to its grain; pooled with its continuation, so that a call allocates nothing.</summary>
internal sealed class PendingCall
{
    private readonly IngestPump _pump;
    private readonly Action _onCompleted;
    private ValueTaskAwaiter _awaiter;

    public PendingCall(IngestPump pump)
    {
        _pump = pump;
        _onCompleted = OnCompleted;
    }

    public DeviceMessage Message { get; private set; } = null!;

    public DeviceEntry Device { get; private set; } = null!;

    public PendingBatch Batch { get; private set; } = null!;

    public void Start(DeviceEntry device, DeviceMessage message, PendingBatch batch)
    {
        (Device, Message, Batch) = (device, message, batch);
#pragma warning disable CA2012 // the awaiter is kept until the one continuation takes its result: an await without a state machine per message
        _awaiter = device.Grain.Ingest(message).GetAwaiter();
#pragma warning restore CA2012
        if (_awaiter.IsCompleted) OnCompleted();
        else _awaiter.UnsafeOnCompleted(_onCompleted);
    }

    private void OnCompleted()
    {
        Exception? error = null;
        try
        {
            _awaiter.GetResult();
        }
        catch (Exception exception)
        {
            error = exception;
        }

        _awaiter = default;
        _pump.OnCompleted(this, error);
    }
}
