using System.CommandLine;
using SmartCity.Mqtt;
using Spectre.Console;

namespace SmartCity.Simulators;

/// <summary>What the commands share.</summary>
internal static class CommonOptions
{
    public static Option<int> QoS(int standard)
    {
        var option = new Option<int>("--qos", "-q") { Description = "Quality of service: 0, 1 or 2", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[^1].Value is not ("0" or "1" or "2")) result.AddError("--qos must be 0, 1 or 2.");
        });
        return option;
    }

    /// <summary>Turns the failures that a user can do something about into one line and exit code 1.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception e) when (e is MqttConnectException or MqttConnectionLostException or ArgumentException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{e.Message}[/]");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
