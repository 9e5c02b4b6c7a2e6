namespace SmartCity.Gateway;

/// <summary>Messages between decoder and grain. A grain copies what it keeps, so a message returns when its call has ended.</summary>
internal sealed class MessagePool(int capacity)
{
    private const int FirstReadings = 8;
    private const int KeepReadings = 64;
    private readonly Lock _lock = new();
    private readonly Stack<DeviceMessage> _idle = new();

    public DeviceMessage Rent()
    {
        lock (_lock)
        {
            if (_idle.Count > 0) return _idle.Pop();
        }

        return new() { Stream = null!, Readings = new Reading[FirstReadings] };
    }

    public void Return(DeviceMessage message)
    {
        if (message.Readings.Length > KeepReadings) return; // rare and large: not worth keeping
        message.Count = 0;
        message.Sequence = null;
        message.Latitude = double.NaN;
        message.Longitude = double.NaN;
        message.Ncgi = null;
        lock (_lock)
        {
            if (_idle.Count < capacity) _idle.Push(message);
        }
    }

    /// <summary>Adds a reading, growing the array when needed.</summary>
    public static void Add(DeviceMessage message, Reading reading)
    {
        if (message.Count == message.Readings.Length)
        {
            var larger = new Reading[message.Count * 2];
            message.Readings.CopyTo(larger, 0);
            message.Readings = larger;
        }

        message.Readings[message.Count++] = reading;
    }
}
