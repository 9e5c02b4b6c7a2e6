using System.Text;
using SmartCity.Contracts;
using SmartCity.Mqtt;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>Who gets in, and what a client may do then.</summary>
public sealed class AccessAuthorizerTests : IDisposable
{
    private const string Password = "correct-horse-battery-staple";
    private static readonly Credential s_station = AccessRig.User("station-1", Password);
    private readonly AccessRig _rig = new();

    public AccessAuthorizerTests() => _rig.Put([s_station]);

    [Theory]
    [InlineData("station-1", Password, MqttReasonCode.Success)]
    [InlineData("station-1", "wrong", MqttReasonCode.BadUserNameOrPassword)]
    [InlineData("station-2", Password, MqttReasonCode.BadUserNameOrPassword)]
    [InlineData("STATION-1", Password, MqttReasonCode.BadUserNameOrPassword)]
    [InlineData("station-1", null, MqttReasonCode.NotAuthorized)]
    [InlineData(null, null, MqttReasonCode.NotAuthorized)]
    [InlineData("", Password, MqttReasonCode.NotAuthorized)]
    public async Task Only_the_right_password_of_a_known_user_lets_in(string? user, string? password, MqttReasonCode reason)
    {
        Assert.Equal(reason, await _rig.LoginAsync(user, password));
        Assert.Equal(reason == MqttReasonCode.Success ? 0 : 1, _rig.Audit.Length);
    }

    [Fact]
    public async Task A_revoked_user_is_refused_also_when_it_was_in_before()
    {
        Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password));
        _rig.Put([s_station with { IsRevoked = true, Version = 2 }]);
        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, await _rig.LoginAsync("station-1", Password));
    }

    [Fact]
    public async Task A_device_may_publish_its_own_topics_and_read_its_own_commands_only()
    {
        var connection = await _rig.ConnectAsync(AccessRig.Request("station-1", Password));
        Assert.True(CanPublish(connection, "city/nam/sg/air/station-1"));
        Assert.False(CanPublish(connection, "city/nam/sg/air/station-2"));
        Assert.False(CanPublish(connection, "city/nam/sg/air/station-1/x"));
        Assert.False(CanPublish(connection, "cmd/station-1/reboot"));
        Assert.True(_rig.Authorizer.CanSubscribe(connection, "cmd/station-1/#"));
        foreach (var filter in new[] { "#", "cmd/#", "cmd/+/x", "city/#", "$SYS/#", "+/station-1/#" }) Assert.False(_rig.Authorizer.CanSubscribe(connection, filter));
    }

    [Fact]
    public async Task A_client_id_never_widens_a_pattern()
    {
        _rig.Put([s_station], new AccessRule(1, "device", RuleEffect.Allow, RuleAction.Publish, "own/%c/x"), new AccessRule(2, "device", RuleEffect.Allow, RuleAction.Subscribe, "own/%c/#"));
        foreach (var evil in new[] { "+", "#", "a/b", "../x", "" })
        {
            var connection = await _rig.ConnectAsync(AccessRig.Request("station-1", Password, client: evil));
            Assert.False(CanPublish(connection, "own/other/x"));
            Assert.False(CanPublish(connection, "own/a/b/x"));
            Assert.False(_rig.Authorizer.CanSubscribe(connection, "own/other/x"));
            Assert.False(_rig.Authorizer.CanSubscribe(connection, "own/+/x"));
        }
    }

    [Fact]
    public async Task A_deny_wins_over_every_allow()
    {
        _rig.Put(
            [AccessRig.User("ops", Password, "operator")], new AccessRule(1, "operator", RuleEffect.Allow, RuleAction.Subscribe, "city/#"),
            new AccessRule(2, "operator", RuleEffect.Allow, RuleAction.Publish, "#"), new AccessRule(3, "*", RuleEffect.Deny, RuleAction.Subscribe, "city/bac/#"),
            new AccessRule(4, "*", RuleEffect.Deny, RuleAction.Publish, "city/bac/#"));
        var connection = await _rig.ConnectAsync(AccessRig.Request("ops", Password));
        Assert.True(_rig.Authorizer.CanSubscribe(connection, "city/nam/#"));
        Assert.False(_rig.Authorizer.CanSubscribe(connection, "city/#"));
        Assert.False(_rig.Authorizer.CanSubscribe(connection, "city/bac/hn/air/x"));
        Assert.True(CanPublish(connection, "city/nam/x"));
        Assert.False(CanPublish(connection, "city/bac/x"));
    }

    [Fact]
    public async Task Changed_rules_hold_for_connections_that_are_open()
    {
        var connection = await _rig.ConnectAsync(AccessRig.Request("station-1", Password));
        Assert.True(CanPublish(connection, "city/nam/sg/air/station-1"));
        _rig.Put([s_station], new AccessRule(1, "device", RuleEffect.Allow, RuleAction.Publish, "other/%d"));
        Assert.False(CanPublish(connection, "city/nam/sg/air/station-1"));
        Assert.True(CanPublish(connection, "other/station-1"));
    }

    [Fact]
    public async Task Without_authentication_everything_is_allowed_that_no_rule_denies()
    {
        using var rig = new AccessRig(AccessMode.Anonymous);
        rig.Put([], new AccessRule(1, AccessPolicy.Anonymous, RuleEffect.Deny, RuleAction.Filter, "test/nosubscribe"), new AccessRule(2, "*", RuleEffect.Deny, RuleAction.Publish, "ro/#"));
        var connection = await rig.ConnectAsync(AccessRig.Request(null, null));
        Assert.False(rig.Authorizer.CanSubscribe(connection, "test/nosubscribe"));
        Assert.Equal(MqttReasonCode.UnspecifiedError, ((IMqttAuthorizer)rig.Authorizer).ReasonNotToSubscribe(connection, "test/nosubscribe"));
        Assert.True(rig.Authorizer.CanSubscribe(connection, "#"));
        Assert.True(rig.Authorizer.CanPublish(connection, "anything"u8));
        Assert.False(rig.Authorizer.CanPublish(connection, "ro/x"u8));
    }

    [Fact]
    public async Task A_topic_that_was_decided_before_costs_no_allocation()
    {
        var connection = await _rig.ConnectAsync(AccessRig.Request("station-1", Password));
        var topics = new[] { "city/nam/sg/air/station-1"u8.ToArray(), "city/nam/sg/noise/station-1"u8.ToArray() };
        foreach (var topic in topics) Assert.True(_rig.Authorizer.CanPublish(connection, topic));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var allowed = 0;
        for (var i = 0; i < 10_000; i++) allowed += _rig.Authorizer.CanPublish(connection, topics[i & 1]) ? 1 : 0;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10_000, allowed);
    }

    [Fact]
    public async Task A_storm_of_wrong_passwords_is_cut_off_by_address_and_good_devices_behind_it_still_come_back()
    {
        const string Site = "198.51.100.7";
        Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password, Site));
        var reasons = new List<MqttReasonCode>();
        for (var i = 0; i < LoginThrottle.FreePerAddress + 20; i++) reasons.Add(await _rig.LoginAsync($"guess-{i}", "guess", Site));
        Assert.Equal(LoginThrottle.FreePerAddress, reasons.Count(r => r == MqttReasonCode.BadUserNameOrPassword));
        Assert.Equal(20, reasons.Count(r => r == MqttReasonCode.ConnectionRateExceeded));

        Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password, Site));
        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, await _rig.LoginAsync("station-1", "guess", "203.0.113.9"));
    }

    [Fact]
    public async Task Guessing_one_user_from_many_addresses_is_cut_off_and_the_user_itself_still_comes_in()
    {
        Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password));
        for (var i = 0; i < LoginThrottle.FreePerUser; i++) Assert.Equal(MqttReasonCode.BadUserNameOrPassword, await _rig.LoginAsync("station-1", "guess", $"203.0.113.{i}"));
        Assert.Equal(MqttReasonCode.ConnectionRateExceeded, await _rig.LoginAsync("station-1", "guess", "203.0.113.99"));
        Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password));
    }

    [Fact]
    public async Task Ten_thousand_logins_that_were_good_before_need_no_slow_hash()
    {
        Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password));
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 10_000; i++) Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password));
        // With a hash each it would take a quarter of an hour.
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task More_logins_than_can_be_hashed_in_time_are_told_that_the_server_is_busy()
    {
        using var stop = new CancellationTokenSource();
        var logins = Enumerable.Range(0, PasswordLogin.MaxWaiting + 10)
            .Select(i => _rig.Authorizer.AuthorizeConnectAsync(AccessRig.Request($"user-{i}", "guess", address: $"10.0.{i / 250}.{i % 250}"), stop.Token).AsTask()).ToList();
        Assert.Equal(MqttReasonCode.ServerBusy, await Eventually.Within(await Task.WhenAny(logins.Skip(PasswordLogin.MaxWaiting)), "an answer"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(logins));

        // Nobody is left waiting: the next one is looked at.
        Assert.Equal(MqttReasonCode.Success, await _rig.LoginAsync("station-1", Password));
    }

    [Fact]
    public async Task No_secret_is_in_the_audit_log_and_a_flood_of_denials_fills_no_disk()
    {
        const string Secret = "hunter2-is-a-secret";
        await _rig.LoginAsync("station-1", Secret);
        var connection = await _rig.ConnectAsync(AccessRig.Request("station-1", Password));
        for (var i = 0; i < 1000; i++) Assert.False(CanPublish(connection, "city/x/" + i));
        _rig.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.False(CanPublish(connection, "city/x/last"));
        var audit = string.Join('\n', _rig.Audit);
        Assert.DoesNotContain(Secret, audit, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, audit, StringComparison.Ordinal);
        Assert.Equal(3, _rig.Audit.Length);
        Assert.Contains("\"leftOut\":999", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, AccessRig.Request("u", Secret).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hostile_name_cannot_forge_a_line_of_the_audit_log()
    {
        await _rig.LoginAsync("x\"}\n{\"event\":\"user-added\"", "p");
        await _rig.LoginAsync(new string('u', 60_000), "p");
        Assert.Equal(2, _rig.Audit.Length);
        Assert.All(_rig.Audit, line => Assert.Equal("login-refused", System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()));
        Assert.True(_rig.Audit[1].Length < 1000);
    }

    public void Dispose() => _rig.Dispose();

    private bool CanPublish(MqttConnectionInfo connection, string topic) => _rig.Authorizer.CanPublish(connection, Encoding.UTF8.GetBytes(topic));
}
