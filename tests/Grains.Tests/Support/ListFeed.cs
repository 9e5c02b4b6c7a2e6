using System.Collections.Concurrent;
using SmartCity.Contracts;

namespace SmartCity.Grains.Tests;

/// <summary>Keeps what grains publish.</summary>
internal sealed class ListFeed : ILiveFeed
{
    public ConcurrentQueue<(string Device, long EventMs)> Published { get; } = new();

    public bool IsWatched(string deviceId) => true;

    public void Publish(string deviceId, DeviceMessage message) => Published.Enqueue((deviceId, message.EventMs));
}
