namespace SmartCity.Contracts.Tests;

public sealed class QuantileSketchTests
{
    private static readonly double[] s_ranks = [0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

    public static TheoryData<string> Distributions => [.. s_distributions.Keys];

    private static readonly Dictionary<string, Func<Random, double>> s_distributions = new()
    {
        ["uniform"] = r => r.NextDouble() * 100,
        ["negative"] = r => -r.NextDouble() * 100,
        ["both signs and zero"] = r => r.Next(-5, 6) * r.NextDouble(),
        ["huge"] = r => Math.Pow(10, 90 + (r.NextDouble() * 10)) * (r.Next(2) == 0 ? 1 : -1),
        ["tiny"] = r => Math.Pow(10, -12 + (r.NextDouble() * 4)),
        ["lognormal"] = r => Math.Exp(Math.Sqrt(-2 * Math.Log(1 - r.NextDouble())) * Math.Cos(2 * Math.PI * r.NextDouble()) * 2),
        ["whole numbers"] = r => r.Next(0, 30),
    };

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Every_quantile_is_within_one_percent_of_the_true_value(string distribution)
    {
        var random = new Random(7);
        var values = Enumerable.Range(0, 5000).Select(_ => s_distributions[distribution](random)).ToArray();
        var sketch = new QuantileSketch();
        foreach (var value in values) sketch.Add(value);
        Array.Sort(values);
        foreach (var q in s_ranks)
        {
            var truth = values[(int)Math.Floor(q * (values.Length - 1))];
            Assert.Equal(truth, sketch.Quantile(q), (Math.Abs(truth) * QuantileSketch.Alpha * 1.000001) + 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void A_merge_is_the_union(string distribution)
    {
        var random = new Random(8);
        var (whole, left, right) = (new QuantileSketch(), new QuantileSketch(), new QuantileSketch());
        for (var i = 0; i < 3000; i++)
        {
            var value = s_distributions[distribution](random);
            whole.Add(value);
            if (random.Next(3) == 0) left.Add(value);
            else right.Add(value);
        }

        left.Merge(right);
        Assert.Equal(whole.Count, left.Count);
        Assert.Equal(whole.BucketCount, left.BucketCount);
        foreach (var q in s_ranks) Assert.Equal(whole.Quantile(q), left.Quantile(q));
    }

    [Fact]
    public void Merging_leaves_the_other_sketch_alone()
    {
        var (a, b) = (new QuantileSketch(), new QuantileSketch());
        b.Add(5);
        a.Merge(b);
        a.Add(5);
        a.Add(6);
        Assert.Equal((1, 3), (b.Count, a.Count));
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(-double.MaxValue)]
    [InlineData(double.Epsilon)]
    [InlineData(-double.Epsilon)]
    [InlineData(0.0)]
    public void The_ends_of_the_number_range_are_counted_and_keep_their_sign(double value)
    {
        var aggregate = new WindowAggregate();
        aggregate.Add(1, value);
        Assert.Equal(value, aggregate.Quantile(0.5));
    }

    [Fact]
    public void An_empty_sketch_knows_nothing() => Assert.True(double.IsNaN(new QuantileSketch().Quantile(0.5)));
}
