namespace SmartCity.Simulators;

/// <summary>
/// What a fixed device says of itself in every tenth message, beside what it measures: <c>rssi</c> (dBm), <c>battery</c> (%, where it has one), <c>fw</c> (version as a
/// number) and <c>uptime</c> (s). Where rain leaves nothing of its signal, the message is never sent.
/// </summary>
internal sealed class Housekeeping
{
    /// <summary>Messages from one report to the next.</summary>
    private const int Every = 10;

    /// <summary>Why a message is not sent, as the truth has it.</summary>
    public const string SignalLoss = "signal-loss";

    private readonly UnitClimate _climate;
    private readonly RadioLink _link;
    private readonly Firmware _firmware;
    private readonly Battery? _battery;
    private int _messages;
    private long _startedMs = long.MinValue;

    /// <param name="fleet">Devices that get their firmware together.</param>
    public Housekeeping(int seed, string fleet, string device, UnitClimate climate, PowerSupply power)
    {
        var random = SeededRandom.For(seed, $"housekeeping/{device}");
        _climate = climate;
        _link = new(random);
        _firmware = new(seed, fleet, random);
        _battery = power == PowerSupply.Mains ? null : new(random, climate, power == PowerSupply.Solar);
        _messages = random.Below(Every);
    }

    /// <summary>Completes a message.</summary>
    public void Complete(Measurement message)
    {
        var time = message.Time;
        if (message.IsWithoutPower && _battery is null) _startedMs = time.UnixMs;
        var isDue = ++_messages >= Every;
        var rain = _climate.Rain(time);
        if (!isDue && !_link.IsAtRisk(rain)) return;
        var rssi = _link.Rssi(time, rain);
        if (rssi < RadioLink.Sensitivity) message.NotSentBecause = SignalLoss;
        if (isDue) Report(message, rssi);
    }

    private void Report(Measurement message, double rssi)
    {
        var ms = message.Time.UnixMs;
        message.Value("rssi", rssi);
        if (_battery is not null)
        {
            message.Value("battery", _battery.At(message.Time, _messages, out var isChanged));
            if (isChanged) _startedMs = ms;
        }

        _messages = 0;
        var (version, sinceMs) = _firmware.At(ms);
        message.Value("fw", version, 0);
        message.Value("uptime", (ms - Math.Max(sinceMs, _startedMs)) / 1000, 0);
    }
}
