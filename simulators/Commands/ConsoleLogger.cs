using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace SmartCity.Simulators;

/// <summary>Warnings and worse, one line each, on the error stream.</summary>
internal sealed class ConsoleLogger : ILogger
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) _console.MarkupLineInterpolated($"[yellow]{formatter(state, exception)}[/]");
    }
}
