namespace SmartCity.Gateway;

/// <summary>What the gateway keeps for one topic prefix <c>city/{region}/{unit}/{kind}</c>: everything that does not depend on the device.</summary>
public sealed class StreamInfo
{
    internal StreamInfo(StreamName name, MetricTable metrics, KindTally tally)
    {
        Name = name;
        Metrics = metrics;
        Tally = tally;
    }

    public StreamName Name { get; }

    internal MetricTable Metrics { get; }

    internal KindTally Tally { get; }
}
