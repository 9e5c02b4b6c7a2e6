namespace SmartCity.Orleans.Contract.Tests;

public interface IParcelGrain : IGrainWithStringKey
{
    /// <summary>Keeps the argument and changes it.</summary>
    Task Spoil(Parcel parcel);

    /// <summary>Keeps the argument as it is.</summary>
    Task Keep(Parcel parcel);

    Task KeepList(List<Part> parts);

    Task KeepNumbers(int[] numbers);

    Task KeepTwo(Parcel first, Parcel second);

    ValueTask KeepLabel(Label label);

    ValueTask KeepUnchanged([Immutable] Parcel parcel);

    ValueTask KeepBoth([Immutable] Parcel unchanged, Parcel copied);

    Task KeepReadOnly([Immutable] IReadOnlyList<Label> labels);

    Task<string> Kept();

    Task<bool> PartsAreOne();

    Task<Parcel> Give();

    ValueTask<Parcel> GiveInValueTask();

    Task<List<Part>> GiveList();

    Task<Label> GiveLabel();

    Task SpoilKept();

    Task Hold(string name);

    Task<string> SpoilThere(string other);
}
