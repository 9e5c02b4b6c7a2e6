namespace SmartCity.Benchmarks;

/// <summary>A bounded number of calls under way: waits for the oldest before the next one. Allocates nothing per call.</summary>
internal sealed class CallWindow(int size)
{
    private readonly ValueTask<long>[] _calls = new ValueTask<long>[size];
    private int _next;
    private int _count;

#pragma warning disable CA2012 // each call is kept and awaited once
    public ValueTask AddAsync(ValueTask<long> call)
    {
        if (_count < _calls.Length)
        {
            _calls[(_next + _count++) % _calls.Length] = call;
            return default;
        }

        var oldest = _calls[_next];
        _calls[_next] = call;
        _next = (_next + 1) % _calls.Length;
        if (!oldest.IsCompleted) return Wait(oldest);
        oldest.GetAwaiter().GetResult();
        return default;

        static async ValueTask Wait(ValueTask<long> call) => await call;
    }
#pragma warning restore CA2012

    public async ValueTask DrainAsync()
    {
        for (; _count > 0; _count--)
        {
            await _calls[_next];
            _next = (_next + 1) % _calls.Length;
        }
    }
}
