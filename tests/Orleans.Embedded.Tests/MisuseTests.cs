using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using SmartCity.Tests;

namespace SmartCity.Orleans.Tests;

/// <summary>Who uses the host wrongly learns at once what was wrong and what is right, and harms nobody else.</summary>
public sealed class MisuseTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _clock = new(0);
    private readonly GrainHost _host;

    public MisuseTests() => _host = new(_clock);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void An_interface_without_a_class_is_named() =>
        AssertSays<ArgumentException>(() => _host.Grains.GetGrain<IOrphanGrain>("a"), "No grain class implements SmartCity.Orleans.Tests.IOrphanGrain", "derives from Grain");

    [Fact]
    public void The_base_of_all_interfaces_is_no_interface_of_a_grain() =>
        AssertSays<ArgumentException>(() => _host.Grains.GetGrain<IGrainWithStringKey>("a"), "Orleans.IGrainWithStringKey", "source generator", "an interface of your own");

    [Fact]
    public void Who_asks_for_a_class_is_told_its_interface() =>
        AssertSays<ArgumentException>(() => _host.Grains.GetGrain<MisusedGrain>("a"), "MisusedGrain is a class", "ask for its interface, IMisusedGrain");

    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    public void An_empty_key_is_refused_with_the_interface(string key) =>
        AssertSays<ArgumentException>(() => _host.Grains.GetGrain<IMisusedGrain>(key), "IMisusedGrain", "empty", "primaryKey");

    [Fact]
    public void A_key_that_is_null_is_refused_with_the_interface() =>
        AssertSays<ArgumentNullException>(() => _host.Grains.GetGrain<IMisusedGrain>(null!), "IMisusedGrain", "null", "primaryKey");

    [Fact]
    public void A_grain_is_not_constructed_by_hand() =>
        AssertSays<InvalidOperationException>(() => new MisusedGrain(), "MisusedGrain is a grain", "IGrainFactory.GetGrain");

    [Fact]
    public void A_second_class_of_one_interface_is_refused_and_the_first_stays()
    {
        AssertSays<InvalidOperationException>(
            () => GrainRegistry.AddClass(typeof(IMisusedGrain), typeof(CounterGrain)), "IMisusedGrain", typeof(MisusedGrain).FullName!, typeof(CounterGrain).FullName!, "one class");
        Assert.Equal("MisusedGrain/a", _host.Grains.GetGrain<IMisusedGrain>("a").ToString());
    }

    [Fact]
    public async Task A_service_that_nobody_registered_is_named_with_the_parameter() => await AssertSaysAsync<InvalidOperationException>(
        () => _host.Grains.GetGrain<INeedyGrain>("a").Touch(), "NeedyGrain", "Tariff 'missing'", "AddSingleton<Tariff>");

    [Fact]
    public async Task A_storage_that_nobody_registered_is_named_with_the_state() => await AssertSaysAsync<InvalidOperationException>(
        () => _host.Grains.GetGrain<IHomelessGrain>("a").Count(), "HomelessGrain", "'visits'", "'nosuch'", "AddMemoryGrainStorage(\"nosuch\")");

    [Fact]
    public async Task A_constructor_that_throws_fails_its_caller_with_just_that_and_the_next_call_tries_again()
    {
        var grain = Misused("unborn");
        await AssertSaysAsync<InvalidDataException>(() => grain.Touch().AsTask(), "no such sensor");
        Assert.Equal("unborn", await grain.Touch());
    }

    [Fact]
    public async Task A_timer_is_started_within_the_grains_turns()
    {
        await AssertSaysAsync<InvalidOperationException>(Misused("elsewhere").StartTimerElsewhere, "MisusedGrain/elsewhere", "outside its turns", "Task.Run", "ConfigureAwait(false)");
        await Misused("elsewhere").StartTimer(s_second, s_second);
        Assert.Equal(2, _clock.Waiting); // the clock's own and this one
    }

    [Theory]
    [InlineData(-2, 1, "dueTime")]
    [InlineData(1, -2, "period")]
    [InlineData(5_000_000_000, 1, "dueTime")]
    [InlineData(1, 5_000_000_000, "period")]
    public async Task A_timer_with_a_wrong_time_is_refused_and_its_grain_can_still_leave(long dueMs, long periodMs, string wrong)
    {
        var (due, period) = (TimeSpan.FromMilliseconds(dueMs), TimeSpan.FromMilliseconds(periodMs));
        var grain = Misused($"wrong {dueMs} {periodMs}");
        await AssertSaysAsync<ArgumentOutOfRangeException>(() => grain.StartTimer(due, period).AsTask(), wrong, "from zero to", "Timeout.InfiniteTimeSpan");
        await AssertSaysAsync<ArgumentOutOfRangeException>(() => grain.ChangeTimer(due, period).AsTask(), wrong, "from zero to", "Timeout.InfiniteTimeSpan");
        await grain.LeaveElsewhere();
        await Eventually.IsTrue(() => _host.Active == 0, "the grain to leave");
    }

    [Fact]
    public async Task A_grain_may_ask_to_leave_on_any_thread()
    {
        await Misused("leaves").LeaveElsewhere();
        await Eventually.IsTrue(() => _host.Active == 0, "the grain to leave");
        Assert.Equal("leaves", await Misused("leaves").Touch());
    }

    [Fact]
    public async Task A_turn_is_not_entered_synchronously() =>
        await AssertSaysAsync<NotSupportedException>(() => Misused("sends").Send().AsTask(), "entered synchronously", "await");

    [Fact]
    public async Task A_key_that_is_no_integer_is_quoted() =>
        await AssertSaysAsync<InvalidOperationException>(() => Misused("seven").Number().AsTask(), "'seven' of MisusedGrain", "GetPrimaryKeyString");

    [Fact]
    public async Task A_reference_of_an_interface_that_the_grain_lacks_is_refused() =>
        await AssertSaysAsync<ArgumentException>(() => Misused("a").AsCounter().AsTask(), "MisusedGrain does not implement ICounterGrain", "interface");

    [Fact]
    public async Task A_grain_that_waits_for_itself_is_told_so_and_what_to_do()
    {
        var grain = Misused("self");
        var call = grain.CallSelf();
        await Eventually.Within(Gates.Of("self waits").Task, "the call to itself");
        await grain.Settle(); // until its turn has ended; one that the clock finds running is held up, which is another story
        _clock.Advance(TimeSpan.FromSeconds(31));
        await AssertSaysAsync<TimeoutException>(
            () => call, "00:00:30", "IMisusedGrain.CallSelf on MisusedGrain/self → IMisusedGrain.Touch on MisusedGrain/self",
            "MisusedGrain/self waits for itself", "[Reentrant]", "AllowCallChainReentrancy");
    }

    [Fact]
    public async Task A_client_that_allows_reentrancy_opens_no_grain_and_gets_its_answer()
    {
        var grain = Misused("client");
        var held = grain.Hold("client");
        await Eventually.Within(Gates.Of("client in").Task, "the call to begin");
        Task<string> next;
        using (RequestContext.AllowCallChainReentrancy())
        using (RequestContext.SuppressCallChainReentrancy())
        {
            next = grain.Touch().AsTask();
            await grain.Settle();
            Assert.False(next.IsCompleted);
            Gates.Of("client").SetResult();
            Assert.Equal("client", await Eventually.Within(next, "the client's call"));
        }

        await Eventually.Within(held, "the held call");
    }

    [Fact]
    public async Task A_call_after_the_end_of_the_host_fails_at_once()
    {
        var (used, unused) = (Misused("used"), Misused("unused"));
        await used.Touch();
        _host.Dispose();
        foreach (var grain in new[] { used, unused })
        {
            await AssertSaysAsync<ObjectDisposedException>(() => grain.Touch().AsTask(), $"IMisusedGrain.Touch on {grain}", "has stopped", "before");
        }
    }

    [Fact]
    public async Task No_call_that_is_made_while_the_host_ends_is_left_without_an_answer()
    {
        const int Callers = 4;
        for (var round = 0; round < 20; round++)
        {
            using var host = new GrainHost();
            var grains = Enumerable.Range(0, 16).Select(i => host.Grains.GetGrain<IMisusedGrain>($"ends-{i}")).ToArray();
            await Task.WhenAll(grains.Select(g => g.Touch().AsTask()));
            var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
            {
                for (var i = 0; ; i++)
                {
                    await grains[i % grains.Length].Touch();
                }
            })).ToArray();
            host.Dispose();
            foreach (var caller in callers) await Assert.ThrowsAsync<ObjectDisposedException>(() => Eventually.Within(caller, "a caller to learn of the end"));
        }
    }

    [Fact]
    public void The_host_is_added_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans();
        AssertSays<InvalidOperationException>(() => builder.UseOrleans(), "UseOrleans was called twice", "once");
    }

    [Theory]
    [InlineData(0, 0, "ResponseTimeout", "longer than zero")]
    [InlineData(30, -1, "MaxEnqueuedRequestsHardLimit", "0: no limit")]
    public void Options_that_cannot_work_are_refused(int responseSeconds, int limit, string wrong, string right)
    {
        using var host = new GrainHost(configure: services => services.Configure<SiloMessagingOptions>(o =>
            (o.ResponseTimeout, o.MaxEnqueuedRequestsHardLimit) = (TimeSpan.FromSeconds(responseSeconds), limit)));
        AssertSays<OptionsValidationException>(() => host.Grains.GetGrain<IMisusedGrain>("a"), wrong, right);
    }

    private IMisusedGrain Misused(string key) => _host.Grains.GetGrain<IMisusedGrain>(key);

    private static void AssertSays<TException>(Func<object> wrong, params string[] words)
        where TException : Exception => AssertSays(Assert.Throws<TException>(wrong), words);

    private static void AssertSays<TException>(Action wrong, params string[] words)
        where TException : Exception => AssertSays(Assert.Throws<TException>(wrong), words);

    private static async Task AssertSaysAsync<TException>(Func<Task> wrong, params string[] words)
        where TException : Exception => AssertSays(await Assert.ThrowsAsync<TException>(() => Eventually.Within(wrong(), "the call to fail")), words);

    private static void AssertSays(Exception exception, string[] words) =>
        Assert.All(words, word => Assert.Contains(word, exception.Message, StringComparison.Ordinal));
}
