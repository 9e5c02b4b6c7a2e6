namespace SmartCity.Orleans.Contract.Tests;

/// <summary>One method of every kind of interleaving; each acts in the grain's scene under the given name.</summary>
public interface ITurnGrain : IGrainWithStringKey
{
    Task Work(string name);

    [AlwaysInterleave]
    Task Slip(string name);

    [ReadOnly]
    Task Read(string name);

    [OneWay]
    Task Cast(string name);

    ValueTask<int> Quick(int value);

    Task<int[]> Seen();

    /// <summary>Answers although the grain is busy: by then, all that was sent before has had its chance to enter.</summary>
    [AlwaysInterleave]
    Task Settle();
}
