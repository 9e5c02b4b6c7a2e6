using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using SmartCity.Contracts;

namespace SmartCity.Gateway.Tests;

/// <summary>Device grains that do what a test says and keep what they got, in order.</summary>
internal sealed class FakeGrains
{
    private readonly ConcurrentDictionary<string, IDeviceGrain> _devices = new();

    /// <summary>Positions and readings as they came, of all devices.</summary>
    public ConcurrentQueue<(string Device, long Position, int Count)> Taken { get; } = new();

    /// <summary>Answers each message; the default takes it at once.</summary>
    public Func<string, DeviceMessage, Task> OnIngest { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The factory as the pump sees it. A proxy, because the interface has many members more on the other stack.</summary>
    public IGrainFactory Factory
    {
        get
        {
            var factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
            ((FactoryProxy)(object)factory).Owner = this;
            return factory;
        }
    }

    /// <summary>Answers <see cref="IGrainFactory"/>'s GetGrain of a string key.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it
    internal class FactoryProxy : DispatchProxy
    {
        public FakeGrains? Owner { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name == nameof(IGrainFactory.GetGrain) && args?[0] is string key
            ? Owner!._devices.GetOrAdd(key, static (k, owner) => new Device(owner, k), Owner)
            : throw new NotSupportedException(targetMethod?.Name);
    }
#pragma warning restore CA1852

    private sealed class Device(FakeGrains owner, string key) : IDeviceGrain
    {
        public ValueTask Ingest(DeviceMessage message)
        {
            owner.Taken.Enqueue((key, message.Position, message.Count));
            return new(owner.OnIngest(key, message));
        }

        public ValueTask<DeliveryReply> Deliver(int gateway, long durableThrough, IReadOnlyList<DeviceMessage> messages) => throw new NotSupportedException();

        public ValueTask Reset() => throw new NotSupportedException();

        public ValueTask CloseWindows(long dueMs) => throw new NotSupportedException();

        public ValueTask<DeviceSnapshot> GetSnapshot() => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<DeviceWindow>> GetOpenWindows(string metric) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<BufferedCount>> GetBuffered() => throw new NotSupportedException();
    }
}
