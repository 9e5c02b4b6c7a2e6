using Microsoft.Extensions.Logging.Abstractions;

namespace SmartCity.Gateway.Tests;

/// <summary>The conformance suite on <c>src/Mqtt</c>, and the options.</summary>
public sealed class MqttBrokerClientTests : BrokerClientConformance
{
    [Theory]
    [InlineData("localhost", "mqtts://host:8883")]
    [InlineData("https://user:hunter2@host", "mqtts://host:port")]
    [InlineData("mqtt://user:hunter2@host/path", "mqtts://host:port")]
    public void A_wrong_address_is_refused_with_a_right_one_and_without_the_password(string url, string advice)
    {
        var problem = new BridgeOptions { Url = url }.Validate();
        Assert.Contains(advice, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_that_cannot_be_used_is_named()
    {
        Assert.Null(new BridgeOptions().Validate());
        Assert.Null(With(_ => { }));
        Assert.Contains("Broker:QoS", With(o => o.QoS = 3), StringComparison.Ordinal);
        Assert.Contains("Broker:ReceiveMaximum", With(o => o.ReceiveMaximum = 0), StringComparison.Ordinal);
        Assert.Contains("Broker:Version", With(o => o.Version = "4"), StringComparison.Ordinal);
        Assert.Contains("Broker:KeepAliveSeconds", With(o => o.KeepAliveSeconds = 70_000), StringComparison.Ordinal);
        Assert.Contains("Broker:SessionExpiry", With(o => o.SessionExpiry = TimeSpan.Zero), StringComparison.Ordinal);
        Assert.Contains("Broker:MinReconnectDelay", With(o => o.MinReconnectDelay = TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
        Assert.Contains("Broker:Topics", With(o => o.Topics = " , "), StringComparison.Ordinal);
        Assert.Contains("Broker:Topics", With(o => o.Topics = "city/#/x"), StringComparison.Ordinal);
        Assert.Contains("Broker:SharedGroup", With(o => o.SharedGroup = "a/b"), StringComparison.Ordinal);

        static string? With(Action<BridgeOptions> change)
        {
            var options = new BridgeOptions { Url = "mqtt://localhost" };
            change(options);
            return options.Validate();
        }
    }

    [Fact]
    public void Filters_carry_the_group()
    {
        Assert.Equal(["city/#", "x/+"], new BridgeOptions { Topics = "city/#, x/+" }.Filters);
        Assert.Equal(["$share/g/city/#"], new BridgeOptions { SharedGroup = "g" }.Filters);
    }

    protected override IBrokerClient Create(BridgeOptions options) => new MqttBrokerClient(options, TimeProvider.System, NullLogger<MqttBrokerClient>.Instance);
}
