using Microsoft.Extensions.Logging;

namespace SmartCity.Simulators;

/// <summary>Warnings and worse, one line each, on the error stream.</summary>
internal sealed class ConsoleLogger : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) ProgressLine.OfConsole.Note(formatter(state, exception));
    }
}
