using System.Collections.Concurrent;
using Orleans;
using SmartCity.Contracts;

namespace SmartCity.Gateway.Tests;

/// <summary>Device grains that do what a test says and keep what they got, in order.</summary>
internal sealed class FakeGrains : IGrainFactory
{
    private readonly ConcurrentDictionary<string, IDeviceGrain> _devices = new();

    /// <summary>Positions and readings as they came, of all devices.</summary>
    public ConcurrentQueue<(string Device, long Position, int Count)> Taken { get; } = new();

    /// <summary>Answers each message; the default takes it at once.</summary>
    public Func<string, DeviceMessage, Task> OnIngest { get; set; } = (_, _) => Task.CompletedTask;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)_devices.GetOrAdd(primaryKey, key => new Device(this, key));

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey)
        where TGrainInterface : IGrainWithIntegerKey => throw new NotSupportedException("Devices have names.");

    private sealed class Device(FakeGrains owner, string key) : IDeviceGrain
    {
        public ValueTask Ingest(DeviceMessage message)
        {
            owner.Taken.Enqueue((key, message.Position, message.Count));
            return new(owner.OnIngest(key, message));
        }

        public ValueTask CloseWindows(long dueMs) => throw new NotSupportedException();

        public ValueTask<DeviceSnapshot> GetSnapshot() => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<DeviceWindow>> GetOpenWindows(string metric) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<BufferedCount>> GetBuffered() => throw new NotSupportedException();
    }
}
