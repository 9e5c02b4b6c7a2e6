using System.Globalization;

namespace SmartCity.Simulators;

/// <summary>What <c>city</c> prints at its end, and with <c>--json</c>. What a way of running does not know is null.</summary>
internal sealed record CitySummary
{
    /// <summary>Messages that the broker got, or was to get.</summary>
    public required long Sent { get; init; }

    /// <summary>Null with QoS 0, which has no acknowledgement.</summary>
    public required long? Acknowledged { get; init; }

    public required long Refused { get; init; }

    /// <summary>Measurements that fell into a time without a broker; null when the city keeps them.</summary>
    public long? LeftOut { get; init; }

    /// <summary>Messages that were sent more than once since a connection was lost.</summary>
    public long? Resent { get; init; }

    /// <summary>Messages that were measured and never sent: by a fault, or since the run was ended.</summary>
    public long? NeverSent { get; init; }

    /// <summary>Messages that were sent and never answered.</summary>
    public long? Unanswered { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Folder of the truth; null when none was written.</summary>
    public string? Truth { get; init; }

    /// <summary>True when Ctrl+C ended it.</summary>
    public required bool Stopped { get; init; }

    /// <summary>For people.</summary>
    public string Describe()
    {
        var text = $"{Sent:N0} sent, {(Acknowledged is { } known ? $"{known:N0} acknowledged" : "QoS 0 without acknowledgements")}{(Resent is { } again ? $" ({again:N0} sent again after a lost connection)" : "")}, {Refused:N0} refused";
        if (LeftOut is { } left) text += $", {left:N0} left out without a broker";
        if (NeverSent is { } never) text += $", {never:N0} never sent";
        if (Unanswered is { } open) text += $", {open:N0} without an answer";
        text += $" in {Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s{(Stopped ? ", stopped early" : "")}.";
        return Truth is null ? text : $"{text}\nThe truth is in {Truth}; compare with: audit --truth {Truth}";
    }
}
