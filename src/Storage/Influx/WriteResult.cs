namespace SmartCity.Storage;

/// <summary>How a write ended.</summary>
public enum WriteResult
{
    /// <summary>The server has the lines.</summary>
    Accepted,

    /// <summary>The server refuses some or all of these lines and will refuse them again.</summary>
    Rejected,

    /// <summary>The body is larger than the server takes: send it in parts.</summary>
    TooLarge,

    /// <summary>The lines can be written later: the server is away or overloaded, or refuses us (token, missing bucket) until somebody repairs that.</summary>
    Keep,
}
