using System.Net;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>Guessing passwords takes longer with every failure, for an address and for a user; and nobody else waits.</summary>
public sealed class LoginThrottleTests
{
    private static readonly IPEndPoint s_bad = new(IPAddress.Parse("192.0.2.1"), 1000);
    private readonly FakeTimeProvider _time = new(1_764_000_000_000);
    private readonly LoginThrottle _throttle;

    public LoginThrottleTests() => _throttle = new(_time);

    [Fact]
    public void A_user_waits_twice_as_long_after_each_further_failure_and_five_minutes_at_most()
    {
        for (var i = 1; i < LoginThrottle.FreePerUser; i++) _throttle.Failed(null, "alice");
        Assert.Equal(TimeSpan.Zero, _throttle.UserWait("alice"));
        var expected = 1;
        for (var i = 0; i < 12; i++, expected = Math.Min(2 * expected, 300))
        {
            _throttle.Failed(null, "alice");
            Assert.Equal(TimeSpan.FromSeconds(expected), _throttle.UserWait("alice"));
            _time.Advance(TimeSpan.FromSeconds(expected));
            Assert.Equal(TimeSpan.Zero, _throttle.UserWait("alice"));
        }

        Assert.Equal(TimeSpan.Zero, _throttle.UserWait("bob"));
    }

    [Fact]
    public void An_address_waits_whatever_users_it_tries_and_an_IPv6_network_counts_as_one()
    {
        for (var i = 0; i < LoginThrottle.FreePerAddress; i++) _throttle.Failed(new IPEndPoint(IPAddress.Parse($"2001:db8::{i:x}"), 1), $"user{i}");
        Assert.Equal(TimeSpan.FromSeconds(1), _throttle.AddressWait(new IPEndPoint(IPAddress.Parse("2001:db8::ffff"), 9)));
        Assert.Equal(TimeSpan.Zero, _throttle.AddressWait(new IPEndPoint(IPAddress.Parse("2001:db8:0:1::1"), 9)));
        Assert.Equal(TimeSpan.Zero, _throttle.AddressWait(s_bad));
    }

    [Fact]
    public void An_IPv4_address_is_the_same_when_it_comes_through_a_dual_stack_listener()
    {
        for (var i = 0; i < LoginThrottle.FreePerAddress; i++) _throttle.Failed(s_bad, null);
        Assert.Equal(TimeSpan.FromSeconds(1), _throttle.AddressWait(new IPEndPoint(s_bad.Address.MapToIPv6(), 5)));
    }

    [Fact]
    public void A_success_frees_the_user_but_does_not_buy_the_address_many_guesses()
    {
        for (var i = 0; i < LoginThrottle.FreePerAddress; i++) _throttle.Failed(s_bad, "alice");
        _throttle.Succeeded(s_bad, "alice");
        Assert.Equal(TimeSpan.Zero, _throttle.UserWait("alice"));
        for (var i = 0; i < LoginThrottle.FreePerAddress / 2; i++) _throttle.Failed(s_bad, $"user{i}");
        Assert.True(_throttle.AddressWait(s_bad) > TimeSpan.Zero);
    }

    [Fact]
    public void Failures_are_forgotten_after_a_quarter_of_an_hour()
    {
        for (var i = 0; i < LoginThrottle.FreePerUser + 3; i++) _throttle.Failed(null, "alice");
        _time.Advance(TimeSpan.FromMinutes(16));
        _throttle.Failed(null, "alice");
        Assert.Equal(TimeSpan.Zero, _throttle.UserWait("alice"));
    }

    [Fact]
    public void A_table_that_is_full_forgets_the_oldest_and_stays_bounded()
    {
        var map = new GenerationMap<int, object>(1000);
        for (var i = 0; i < 100_000; i++) map.Add(i, map);
        Assert.InRange(map.Count, 500, 1000);
        Assert.NotNull(map.Find(99_999));
        Assert.Null(map.Find(0));
    }
}
