namespace SmartCity.Contracts.Tests;

/// <summary>Windows of RSRP, RSRQ and SINR: percentiles on the report grid.</summary>
public sealed class GridWindowTests
{
    [Theory]
    [InlineData("rsrp", 0.5)]
    [InlineData("rsrq", 0.25)]
    [InlineData("sinr", 0.25)]
    public void Percentiles_are_within_half_a_step_however_the_windows_were_merged(string metric, double error)
    {
        var form = KindCatalog.FormOf("mdt", metric);
        var grid = ReportingGrid.Of(metric)!;
        Assert.Same(grid, form.Grid);
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, random.Next(1, 400)).Select(_ => Math.Clamp(grid.ValidMin + (random.NextDouble() * (grid.ValidMax - grid.ValidMin + 2)) - 1, grid.ValidMin, grid.ValidMax)).ToList();
            var merged = new WindowAggregate();
            foreach (var part in values.Chunk(random.Next(1, 60))) merged.Merge(Again(Of(part, form)));
            AssertWithin(values, merged, error);
            Assert.Equal(metric == "rsrp", double.IsFinite(merged.PowerMean)); // levels in dBm keep their power mean
        }
    }

    [Fact]
    public void Windows_of_an_earlier_version_are_read_and_merged_and_only_their_part_is_less_exact()
    {
        var form = KindCatalog.FormOf("mdt", "rsrp");
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, 200).Select(_ => -130 + (random.NextDouble() * 70)).ToList();
            var old = Again(Of(values[..100], MetricForm.Of(MeanKind.Power))); // with a sketch
            foreach (var value in values[100..150]) old.Add(0, value, form); // corrected by late readings
            var merged = Of(values[150..], form);
            merged.Merge(Again(old));
            AssertWithin(values, Again(merged), 1.3 + 1e-9); // 1 % of −130
            Assert.Equal(200, merged.Count);
        }
    }

    [Fact]
    public void A_state_survives_its_bytes_and_goes_on_as_if_nothing_had_happened()
    {
        var form = KindCatalog.FormOf("mdt", "sinr");
        var window = Of([5, 6.2, -3, 17, 5], form);
        Assert.Equal(3, WindowAggregateTests.Bytes(window)[0]);
        var copy = Again(window);
        var clone = window.Clone();
        foreach (var one in (WindowAggregate[])[window, copy, clone]) one.Add(9, 11.3, form);
        Assert.Equal(WindowAggregateTests.Bytes(window), WindowAggregateTests.Bytes(copy));
        Assert.Equal(WindowAggregateTests.Bytes(window), WindowAggregateTests.Bytes(clone));
        var bytes = WindowAggregateTests.Bytes(window);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.Throws<InvalidDataException>(() => Read(cut));
        }
    }

    private static void AssertWithin(List<double> values, WindowAggregate window, double error)
    {
        var sorted = values.Order().ToList();
        foreach (var q in (double[])[0, 0.5, 0.95, 0.99, 1])
        {
            var exact = sorted[(int)Math.Floor(q * (sorted.Count - 1))];
            Assert.InRange(window.Quantile(q), exact - error - 1e-9, exact + error + 1e-9);
        }
    }

    private static WindowAggregate Of(IEnumerable<double> values, MetricForm form)
    {
        var window = new WindowAggregate();
        var ms = 0;
        foreach (var value in values) window.Add(ms++, value, form);
        return window;
    }

    private static WindowAggregate Again(WindowAggregate window) => Read(WindowAggregateTests.Bytes(window));

    private static WindowAggregate Read(byte[] bytes)
    {
        ReadOnlySpan<byte> source = bytes;
        return WindowAggregate.ReadFrom(ref source);
    }
}
