namespace SmartCity.Silo;

/// <summary>The program cannot start as configured. The message is the one line that the user sees.</summary>
public sealed class StartupException : Exception
{
    public StartupException()
    {
    }

    public StartupException(string message)
        : base(message)
    {
    }

    public StartupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
