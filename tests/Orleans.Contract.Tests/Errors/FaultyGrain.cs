namespace SmartCity.Orleans.Contract.Tests;

public sealed class FaultyGrain(Stage stage) : Grain, IFaultyGrain
{
    private int _remembered;

    public Task Throw(Throwing how) => Deepest(how);

    public Task<int> ThrowInsteadOfResult(Throwing how) => Deepest(how);

    public ValueTask ThrowFromValueTask(Throwing how) => new(Deepest(how));

    public ValueTask<int> ThrowInsteadOfValueResult(Throwing how) => new(Deepest(how));

    public Task ThrowSensor(string sensor, int code) => throw new SensorException($"{sensor} is broken") { Sensor = sensor, Code = code };

    public Task ThrowWithInner(string outer, string inner) => throw new InvalidOperationException(outer, new InvalidDataException(inner));

    public async Task ThrowVia(string other, Throwing how) => await GrainFactory.GetGrain<IFaultyGrain>(other).Throw(how);

    public async Task<string> CatchFrom(string other, Throwing how)
    {
        try
        {
            await GrainFactory.GetGrain<IFaultyGrain>(other).Throw(how);
            return "nothing was thrown";
        }
        catch (InvalidDataException exception)
        {
            return exception.Message;
        }
    }

    public async Task CastAndThrow(bool later)
    {
        if (later) await Task.Yield();
        stage.Of(this).Note("throwing");
        throw new InvalidDataException("nobody sees this");
    }

    public Task Remember(int value)
    {
        _remembered = value;
        return Task.CompletedTask;
    }

    public Task<int> Remembered() => Task.FromResult(_remembered);

    private static Task<int> Deepest(Throwing how) => how switch
    {
        Throwing.AtOnce => throw new InvalidDataException("pm25 is a word"),
        Throwing.AfterAwait => DeepestLater(),
        _ => Task.FromException<int>(new InvalidDataException("pm25 is a word")),
    };

    private static async Task<int> DeepestLater()
    {
        await Task.Yield();
        throw new InvalidDataException("pm25 is a word");
    }
}
