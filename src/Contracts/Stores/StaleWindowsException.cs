namespace SmartCity.Contracts;

/// <summary>Windows of a commit were made from others than those in the store: another host has these devices. Nothing of the commit is stored.</summary>
public sealed class StaleWindowsException : Exception
{
    public StaleWindowsException()
    {
    }

    public StaleWindowsException(string message)
        : base(message)
    {
    }

    public StaleWindowsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public StaleWindowsException(IReadOnlyCollection<string> devices)
        : base($"Windows of {devices?.Count ?? 0} devices were made from others than those in the store, such as of '{devices?.FirstOrDefault()}'.") => Devices = devices ?? [];

    /// <summary>The devices whose windows are stale.</summary>
    public IReadOnlyCollection<string> Devices { get; } = [];
}
