namespace SmartCity.Simulators;

/// <summary>What became of a message, as its sender knows it.</summary>
public enum TruthOutcome
{
    /// <summary>The platform has it: PUBACK with success. Only one of the tries need have arrived, or several.</summary>
    Acknowledged,

    /// <summary>Never sent.</summary>
    Lost,

    /// <summary>Refused by the broker: at CONNECT, or with a failure code.</summary>
    Refused,

    /// <summary>Sent at least once, never acknowledged: the platform may have it or not.</summary>
    Unknown,
}
