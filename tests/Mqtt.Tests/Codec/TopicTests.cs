using System.Text;

namespace SmartCity.Mqtt.Tests;

/// <summary>Topic filters against topic names, by the direct matcher and by the trie, which must agree.</summary>
public sealed class TopicTests
{
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "a/b/c", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/x", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("a/+/$c", "a/b/$c", true)]
    [InlineData("a/#", "a/$b", true)]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("a", "a/", false)]
    [InlineData("a/", "a", false)]
    [InlineData("a/b", "a/bc", false)]
    [InlineData("a/bc", "a/b", false)]
    [InlineData("+/b/+/#", "a/b/c", true)]
    [InlineData("đường/+", "đường/1", true)]
    public void MQTT_4_7_1_Filters_match(string filter, string topic, bool expected)
    {
        Assert.Equal(expected, MqttTopic.Matches(filter, topic));
        var trie = new SubscriptionTrie();
        var session = new MqttSession("s", s_budget);
        trie.Add(new(session, new(filter, MqttQoS.AtLeastOnce), 0));
        Assert.Equal(expected ? 1 : 0, trie.Match(Encoding.UTF8.GetBytes(topic)).Length);
        Assert.True(trie.Remove(session, filter));
        Assert.False(trie.Remove(session, filter));
        Assert.Empty(trie.Match(Encoding.UTF8.GetBytes(topic)));
        Assert.Equal(0, trie.Count);
    }

    [Fact]
    public void MQTT_3_3_4_2_Overlapping_subscriptions_of_one_session_give_one_target_with_the_highest_QoS()
    {
        var trie = new SubscriptionTrie();
        var session = new MqttSession("s", s_budget);
        trie.Add(new(session, new("a/#", MqttQoS.AtMostOnce, NoLocal: true), 5));
        trie.Add(new(session, new("a/+", MqttQoS.ExactlyOnce), 6));
        trie.Add(new(new("t", s_budget), new("#", MqttQoS.AtLeastOnce), 0));
        var targets = trie.Match("a/b"u8);
        Assert.Equal(2, targets.Length);
        var target = targets.Single(t => t.Session == session);
        Assert.Equal((MqttQoS.ExactlyOnce, false), (target.QoS, target.NoLocal));
        Assert.Equal([5u, 6u], target.Ids!.Order());
    }

    [Fact]
    public void The_trie_and_the_matcher_agree_on_random_filters_and_topics()
    {
        var random = new Random(7);
        string[] levels = ["", "a", "b", "$x", "+", "#"];
        string Name(int count) => string.Join('/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => levels[random.Next(count)]));
        for (var round = 0; round < 50_000; round++)
        {
            var filter = Name(6);
            var topic = Name(4);
            if (topic.Length == 0 || MqttTopic.CheckFilter(Encoding.UTF8.GetBytes(filter)) is not null) continue;
            var trie = new SubscriptionTrie();
            trie.Add(new(new("s", s_budget), new(filter, MqttQoS.AtMostOnce), 0));
            Assert.True(MqttTopic.Matches(filter, topic) == trie.Match(Encoding.UTF8.GetBytes(topic)).Length > 0, $"{filter} on {topic}");
        }
    }

    private static readonly SessionBudget s_budget = new(new(), new());
}
