namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The states of <see cref="ProfileGrain"/>.</summary>
public enum Slot
{
    /// <summary>In the memory store.</summary>
    Profile,

    /// <summary>The same record as <see cref="Profile"/>, with an ETag of its own: writing it is a concurrent change.</summary>
    Rival,

    /// <summary>Another name in the same store.</summary>
    Notes,

    /// <summary>The name of <see cref="Profile"/> in the store of the tests.</summary>
    Scripted,

    /// <summary>The name of <see cref="Profile"/> in the store that outlives the process.</summary>
    Durable,

    /// <summary>The same record as <see cref="Durable"/>, with an ETag of its own.</summary>
    DurableRival,

    /// <summary>In a store that fails half of what it is asked to write.</summary>
    Faulty,
}
