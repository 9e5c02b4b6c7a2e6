namespace SmartCity.Gateway;

/// <summary>Where an <see cref="IBrokerClient"/> brings what it receives.</summary>
public interface IBrokerIntake
{
    /// <summary>Newest ticket that is durable.</summary>
    long Durable { get; }

    /// <summary>Takes a message; the spans are valid during the call. Must not be called after <see cref="WhenReadyAsync"/> has asked to wait, but for what was read already.</summary>
    /// <returns>The ticket to be awaited before the message is acknowledged.</returns>
    long Append(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload);

    /// <summary>Completes when everything up to the ticket is durable.</summary>
    ValueTask WhenDurableAsync(long ticket);

    /// <summary>Completes when more may be read from the broker.</summary>
    ValueTask WhenReadyAsync(CancellationToken cancellationToken);

    /// <summary>The broker has accepted the connection.</summary>
    void Connected();

    /// <summary>There is no connection; reported after every attempt.</summary>
    /// <param name="reason">A sentence without secrets.</param>
    void NotConnected(string reason);
}
