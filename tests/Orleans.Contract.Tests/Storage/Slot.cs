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
}
