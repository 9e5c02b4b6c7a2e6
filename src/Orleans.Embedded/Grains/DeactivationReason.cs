namespace Orleans;

/// <summary>Why a grain leaves the memory, with a sentence for the log.</summary>
public readonly struct DeactivationReason(DeactivationReasonCode code, string text)
{
    public DeactivationReasonCode ReasonCode { get; } = code;

    public string Description { get; } = text;

    public override string ToString() => $"{ReasonCode}: {Description}";
}
