using System.Text.Json;

namespace SmartCity.Simulators.Tests;

/// <summary>The simulators program as a process of its own.</summary>
internal static class Program
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "SmartCity.Simulators.dll");

    public static ChildProcess Start(params string[] arguments) => Start(null, arguments);

    public static ChildProcess Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments) => ChildProcess.Start("dotnet", [s_program, .. arguments], environment);

    /// <summary>Runs it to its end.</summary>
    public static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <inheritdoc cref="RunAsync(string[])"/>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var child = Start(environment, arguments);
        return await EndAsync(child);
    }

    /// <summary>Presses Ctrl+C and waits for the end.</summary>
    public static async Task<(int Code, string Output, string Errors)> InterruptAsync(ChildProcess child)
    {
        await child.InterruptAsync();
        return await EndAsync(child);
    }

    /// <summary>The one object that is the whole output.</summary>
    public static JsonElement Json(string output) => JsonElement.Parse(output);

    private static async Task<(int Code, string Output, string Errors)> EndAsync(ChildProcess child)
    {
        var code = await child.WaitForEndAsync();
        return (code, string.Join('\n', child.Output), string.Join('\n', child.Errors));
    }
}
