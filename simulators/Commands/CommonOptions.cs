using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SmartCity.Simulators;

/// <summary>What the commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Something that the user can change kept it from running.</summary>
    public const int Failed = 1;

    /// <summary>It ran, and not everything went through.</summary>
    public const int LeftOver = 2;

    /// <summary>Ctrl+C before there was a result.</summary>
    public const int Cancelled = 130;

    /// <summary>Longest time that a command may wait by the clock; a timer can hold 49 days.</summary>
    public static readonly TimeSpan Longest = CityRunOptions.Longest;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Option<int> QoS(int standard) => Checked(new Option<int>("--qos", "-q") { Description = "Quality of service: 0, 1 or 2", DefaultValueFactory = _ => standard });

    /// <summary>A quality of service that may be left out.</summary>
    public static Option<int?> QoS(string description) => Checked(new Option<int?>("--qos", "-q") { Description = description });

    /// <summary>A number of seconds as a time.</summary>
    /// <param name="most">The most that the option may be.</param>
    /// <exception cref="ArgumentException">It is more, or no number; the message says what to write instead.</exception>
    public static TimeSpan Seconds(string option, double value, TimeSpan most) => Math.Abs(value) <= most.TotalSeconds
        ? TimeSpan.FromSeconds(value)
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{option} must be at most {most.TotalSeconds:0} seconds ({most.TotalDays:0} days)."));

    public static Option<bool> Json() => new("--json") { Description = "Print the result as one JSON object" };

    public static void PrintJson<T>(T result) => Console.WriteLine(JsonSerializer.Serialize(result, s_json));

    private static T Checked<T>(T option)
        where T : Option
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[^1].Value is not ("0" or "1" or "2")) result.AddError("--qos must be 0, 1 or 2.");
        });
        return option;
    }

    /// <summary>Turns the failures that a user can do something about into one line on the error stream and an exit code.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> action, CancellationToken stop)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Cancelled;
        }
        catch (Exception e) when (Failure.Explain(e) is { } text)
        {
            ProgressLine.OfConsole.Note(text, ConsoleColor.Red);
            return Failed;
        }
    }
}
