namespace SmartCity.Orleans.Contract.Tests;

/// <summary>
/// Notes its life: "n activating", "n activated", "n deactivating reason", "n deactivated", with n the number of the activation.
/// The hooks "activate" and "deactivate" can be held and scripted.
/// </summary>
public interface ILifeGrain : IGrainWithStringKey
{
    /// <returns>The number of the activation, from 1.</returns>
    Task<int> Number();

    Task<int> Work(string name);

    Task Leave();

    /// <summary>Asks to be deactivated, then acts on.</summary>
    Task<int> LeaveThenWork(string name);

    /// <summary>Notes "counted" after an await.</summary>
    Task Count();

    Task KeepAwake(TimeSpan period, bool keepAlive);

    [AlwaysInterleave]
    Task Settle();
}
