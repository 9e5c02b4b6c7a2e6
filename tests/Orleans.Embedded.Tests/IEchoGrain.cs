using Orleans;

namespace SmartCity.Orleans.Tests;

public interface IEchoGrain : IGrainWithStringKey
{
    ValueTask<long> Echo(long value);

    ValueTask<string> EchoText(string value);

    Task<long> EchoSlowly(long value);

    ValueTask<long> Fail(long value);

    ValueTask<string> ThreadName();

    /// <summary>Starts something that nobody awaits and that throws later.</summary>
    ValueTask FailOutside(bool later);
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    public ValueTask<long> Echo(long value) => new(value);

    public ValueTask<string> EchoText(string value) => new(value);

    public async Task<long> EchoSlowly(long value)
    {
        await Task.Yield();
        return value;
    }

    public ValueTask<long> Fail(long value) => throw new InvalidDataException(value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public ValueTask<string> ThreadName() => new(Thread.CurrentThread.Name!);

    public ValueTask FailOutside(bool later)
    {
        ThrowOutside(later);
        return default;
    }

    private static async void ThrowOutside(bool later)
    {
        if (later) await Task.Yield();
        throw new InvalidOperationException("nobody awaits this");
    }
}
