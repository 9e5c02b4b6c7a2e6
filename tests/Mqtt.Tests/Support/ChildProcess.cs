using System.Diagnostics;

namespace SmartCity.Mqtt.Tests;

/// <summary>A program of the system. It is ended with the test.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private ChildProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(string program, string arguments, string? input = null)
    {
        try
        {
            var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            if (input is not null) process.StandardInput.Write(input);
            process.StandardInput.Close();
            return new(process);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{program} is not installed; the tests need the Debian packages mosquitto, mosquitto-clients and python3-paho-mqtt.", e);
        }
    }

    /// <summary>Waits for the end and answers the standard output; an error code fails.</summary>
    public async Task<string> EndAsync()
    {
        await _process.WaitForExitAsync().Within($"{_process.StartInfo.FileName} {_process.StartInfo.Arguments} to end");
        Assert.True(_process.ExitCode == 0, $"{_process.StartInfo.FileName} ended with {_process.ExitCode}: {await _errors}");
        return await _output;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
