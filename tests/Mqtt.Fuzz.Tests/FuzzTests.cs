namespace SmartCity.Mqtt.Fuzz;

/// <summary>A minute of fuzzing, with another seed each day so that the days add up; the seed is in every finding.</summary>
[Collection(nameof(FuzzTests))]
[CollectionDefinition(nameof(FuzzTests), DisableParallelization = true)]
public sealed class FuzzTests
{
    private static readonly int s_seed = (int)(TimeProvider.System.GetUtcNow().Ticks / TimeSpan.TicksPerDay);

    [Fact]
    public void The_parser_agrees_with_the_reference_reader_for_40_seconds()
    {
        var fuzzer = new ParserFuzzer(s_seed);
        fuzzer.Run(TimeSpan.FromSeconds(40));
        TestContext.Current.TestOutputHelper?.WriteLine($"{fuzzer.Inputs} inputs, {fuzzer.Packets} packets taken, {fuzzer.Refused} inputs refused");

        // The mutations reach both sides of every decision only if there are enough of both.
        Assert.True(fuzzer.Packets > fuzzer.Inputs / 10, $"Only {fuzzer.Packets} packets of {fuzzer.Inputs} inputs were taken.");
        Assert.True(fuzzer.Refused > fuzzer.Inputs / 10, $"Only {fuzzer.Refused} of {fuzzer.Inputs} inputs were refused.");
    }

    [Fact]
    public async Task The_broker_serves_a_bystander_for_20_seconds()
    {
        var fuzzer = new BrokerFuzzer(s_seed);
        await fuzzer.RunAsync(TimeSpan.FromSeconds(20));
        TestContext.Current.TestOutputHelper?.WriteLine($"{fuzzer.Connections} connections");
        Assert.True(fuzzer.Connections > 100, $"Only {fuzzer.Connections} connections.");
    }

    [Fact]
    public void The_same_seed_gives_the_same_inputs()
    {
        var corpus = Corpus.Load(MqttProtocolVersion.V500);
        Mutator a = new(5, corpus), b = new(5, corpus);
        for (var i = 0; i < 1000; i++) Assert.Equal(a.Next(), b.Next());
    }
}
