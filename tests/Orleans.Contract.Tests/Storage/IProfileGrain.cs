namespace SmartCity.Orleans.Contract.Tests;

public interface IProfileGrain : IGrainWithStringKey
{
    Task<ProfileView> Look(Slot slot);

    /// <summary>Changes the state in memory.</summary>
    Task Set(Slot slot, string name);

    /// <summary>Changes a list inside the state in memory.</summary>
    Task AddValue(Slot slot, int value);

    /// <summary>Changes a field of the state in memory.</summary>
    Task SetLevel(Slot slot, double level);

    Task<double> Level(Slot slot);

    Task Write(Slot slot);

    Task Save(Slot slot, string name);

    Task Reload(Slot slot);

    Task Clear(Slot slot);

    /// <returns>The name of the exception's type that the grain caught; empty for none.</returns>
    Task<string> TrySave(Slot slot, string name);

    Task Leave();
}
