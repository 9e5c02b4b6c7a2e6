using Orleans;

namespace SmartCity.Orleans.Tests;

public sealed class TurnTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly GrainHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Calls_from_many_threads_to_one_grain_never_interleave()
    {
        var grain = _host.Grains.GetGrain<ICounterGrain>("one");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 20_000; i++) await grain.Add(1);
        })));
        Assert.Equal(160_000, await grain.Total());
        Assert.Equal(1, await grain.MaxConcurrency());
    }

    [Fact]
    public async Task A_suspended_call_keeps_other_calls_of_its_grain_waiting_and_lets_other_grains_run()
    {
        var gate = Gates.Of("suspended");
        var grain = _host.Grains.GetGrain<ICounterGrain>("suspended");
        var slow = grain.AddSlowly("suspended");
        var behind = grain.Add(10).AsTask();
        for (var i = 0; i < 64; i++) await _host.Grains.GetGrain<ICounterGrain>($"other-{i}").Add(1);
        Assert.False(behind.IsCompleted);
        gate.SetResult();
        Assert.Equal(1, await slow.WaitAsync(s_limit)); // came back to its own shard's thread
        await behind.WaitAsync(s_limit);
        Assert.Equal(11, await grain.Total());
        Assert.Equal(1, await grain.MaxConcurrency());
    }

    [Fact]
    public async Task Calls_of_one_caller_arrive_in_order()
    {
        var gate = Gates.Of("order");
        var grain = _host.Grains.GetGrain<ICounterGrain>("order");
        var calls = new List<Task> { grain.AddSlowly("order") };
        for (var i = 0; i < 1000; i++) calls.Add(grain.Append(i).AsTask());
        gate.SetResult();
        await Task.WhenAll(calls).WaitAsync(s_limit);
        Assert.Equal(Enumerable.Range(0, 1000), await grain.Appended());
    }

    [Fact]
    public async Task A_call_does_not_overtake_those_that_still_wait_when_others_of_the_shard_have_their_turn()
    {
        var gate = Gates.Of("overtake");
        var grain = _host.Grains.GetGrain<ICounterGrain>("overtake");
        var calls = new List<Task> { grain.AddSlowly("overtake") };
        // The call that the grain sends to itself comes while 190 others wait, of which a grain runs 64 at once.
        for (var i = 0; i < 200; i++) calls.Add(i == 10 ? grain.AppendAndSend(i, 200).AsTask() : grain.Append(i).AsTask());
        gate.SetResult();
        await Task.WhenAll(calls).WaitAsync(s_limit);
        Assert.Equal(Enumerable.Range(0, 201), await grain.Appended());
    }

    [Fact]
    public async Task An_exception_keeps_its_type_message_and_stack_and_harms_no_later_call()
    {
        var grain = _host.Grains.GetGrain<ICounterGrain>("throws");
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await grain.Throw("pm25 is a word"));
        Assert.Equal("pm25 is a word", error.Message);
        Assert.Contains(nameof(CounterGrain), error.StackTrace, StringComparison.Ordinal);
        await grain.Add(3);
        Assert.Equal(3, await grain.Total());
    }

    [Fact]
    public async Task A_grain_calls_another_and_every_reference_with_one_key_is_one_grain()
    {
        Assert.Equal("via b", await _host.Grains.GetGrain<ICounterGrain>("a").CallOther("b").WaitAsync(s_limit));
        await _host.Grains.GetGrain<ICounterGrain>("same").Add(1);
        await _host.Grains.GetGrain<ICounterGrain>("same").Add(1);
        Assert.Equal(2, await _host.Grains.GetGrain<ICounterGrain>("same").Total());
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("slow")]
    public async Task A_failed_activation_fails_its_caller_and_the_next_call_activates_anew(string key)
    {
        var grain = _host.Grains.GetGrain<IFragileGrain>(key);
        var error = await Assert.ThrowsAsync<IOException>(async () => await grain.Activations());
        Assert.Equal("the store is away", error.Message);
        Assert.Equal(2, await grain.Activations());
    }

    [Fact]
    public async Task A_result_is_taken_once()
    {
        var pending = _host.Grains.GetGrain<ICounterGrain>("once").Total();
        await pending;
#pragma warning disable CA2012 // taking it twice is what is tested
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pending);
#pragma warning restore CA2012
    }
}
