namespace SmartCity.Simulators;

/// <summary>The topics of a load run and how they are chosen. Shared by all connections.</summary>
internal sealed class LoadKeys(int keys, double? zipf)
{
    private readonly byte[][] _topics = LoadPayload.Topics(keys);
    private readonly KeyChooser _chooser = new(keys, zipf);

    /// <summary>UTF-8 topic of a message.</summary>
    /// <inheritdoc cref="KeyChooser.Choose"/>
    public ReadOnlyMemory<byte> Topic(long number, ref ulong random) => _topics[_chooser.Choose(number, ref random)];
}
