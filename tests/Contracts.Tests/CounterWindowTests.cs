namespace SmartCity.Contracts.Tests;

/// <summary>Increase and resets of counters, against the plain rule applied to all readings in order.</summary>
public sealed class CounterWindowTests
{
    private const long T0 = 1_764_000_000_000;

    [Theory]
    [InlineData("1 3 3 7", 6, 0)]
    [InlineData("5", 0, 0)]
    [InlineData("10 12 2 5", 7, 1)] // after a fall the new value itself has been counted
    [InlineData("10 0 10 0", 10, 2)]
    [InlineData("7 7 7", 0, 0)]
    public void A_fall_is_a_reset_and_the_new_value_counts(string values, double increase, long resets)
    {
        var window = Of(Numbers(values).Select((v, i) => (T0 + i, v)), MetricForm.Counter);
        Assert.Equal((increase, resets), (window.Increase, window.Resets));
    }

    [Theory]
    [InlineData("99990 99998 3 10", 20, 0)] // over the end of five digits
    [InlineData("50000 20000", 20000, 1)] // too far for that: somebody changed the meter
    [InlineData("200000 5", 5, 1)] // a value that such a register cannot show
    public void A_register_that_begins_again_is_no_reset(string values, double increase, long resets)
    {
        var window = Of(Numbers(values).Select((v, i) => (T0 + i, v)), MetricForm.CounterTo(100_000));
        Assert.Equal((increase, resets), (window.Increase, window.Resets));
        Assert.Equal((increase, resets), (Again(window).Increase, Again(window).Resets));
    }

    [Fact]
    public void A_window_begun_as_a_counter_stays_one_and_can_be_read_when_the_operator_undeclares_it()
    {
        var window = Again(Of([(T0, 99_990), (T0 + 10, 5)], MetricForm.CounterTo(100_000)));
        window.Add(T0 + 5, 99_995, MetricForm.Plain);
        window.Add(T0 + 20, 7, MetricForm.Plain);
        var read = Again(window);
        Assert.Equal((4, 17.0, 0L), (read.Count, read.Increase, read.Resets));
        read.Add(T0 + 30, 8, MetricForm.CounterTo(100_000)); // declared again
        Assert.Equal((5, 18.0, 0L), (read.Count, Again(read).Increase, read.Resets));
    }

    [Fact]
    public void A_window_begun_as_no_counter_counts_from_its_ends_when_the_operator_declares_it()
    {
        var window = Of([(T0, 3), (T0 + 10, 5)], MetricForm.Plain);
        window.Add(T0 + 20, 9, MetricForm.Counter);
        Assert.Equal((6, 0), (Again(window).Increase, Again(window).Resets));
    }

    [Fact]
    public void What_is_no_counter_has_no_increase_and_not_a_byte_more()
    {
        var plain = Of([(T0, 1), (T0 + 1, 2)], MetricForm.Plain);
        Assert.True(double.IsNaN(plain.Increase));
        Assert.Equal(0, plain.Resets);
        Assert.Equal(1, WindowAggregateTests.Bytes(plain)[0]); // the first version
        Assert.Equal(3, WindowAggregateTests.Bytes(Of([(T0, 1)], MetricForm.Counter))[0]);
    }

    [Fact]
    public void Any_order_of_arrival_gives_the_same_window_bit_for_bit_even_across_the_store()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var readings = Meter(random, random.Next(1, 80));
            var expected = Brute(readings);
            var shuffled = readings.OrderBy(_ => random.Next()).ToList();
            var window = new WindowAggregate();
            foreach (var (ms, value) in shuffled)
            {
                window.Add(ms, value, MetricForm.Counter);
                if (random.Next(4) == 0) window = Again(window); // as a late reading finds it
                if (random.Next(8) == 0) window = window.Clone();
            }

            Assert.Equal((expected.Increase, expected.Resets), (window.Increase, window.Resets));
            Assert.Equal(Of(readings, MetricForm.Counter).Increase, window.Increase);
        }
    }

    [Fact]
    public void Windows_merged_in_any_split_and_order_hold_the_steps_between_them()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(1000 + seed);
            var readings = Meter(random, random.Next(2, 60));
            for (var split = 1; split < readings.Count; split++)
            {
                var (left, right) = (Of(readings[..split], MetricForm.Counter), Of(readings[split..], MetricForm.Counter));
                if (random.Next(2) == 0) left.CollapseCounter(); // as a row of a tier is
                if (random.Next(2) == 0) right = Again(right);
                var merged = random.Next(2) == 0 ? Merged(left, right) : Merged(right, left);
                AssertSame(Brute(readings), merged);
                AssertSame(Brute(readings), Again(merged));
            }
        }
    }

    [Fact]
    public void Many_windows_become_rows_and_rows_of_rows()
    {
        var random = new Random(5);
        var readings = Meter(random, 5000);
        foreach (var size in (int[])[1, 3, 60, 700])
        {
            var windows = readings.Chunk(size).Select(c => Of(c, MetricForm.Counter)).ToList();
            AssertSame(Brute(readings), Merged([.. windows]));
            var quarters = windows.Chunk(15).Select(c =>
            {
                var row = Merged(c);
                row.CollapseCounter();
                return Again(row);
            }).ToArray();
            AssertSame(Brute(readings), Merged(quarters));
        }
    }

    [Fact]
    public void Two_streams_of_one_meter_in_one_window_are_one_series()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var readings = Meter(random, 50);
            var here = readings.ToLookup(_ => random.Next(2) == 0);
            AssertSame(Brute(readings), Merged(Of(here[true], MetricForm.Counter), Of(here[false], MetricForm.Counter)));
        }
    }

    [Fact]
    public void However_many_readings_come_the_window_keeps_no_more_than_its_limit()
    {
        var readings = Meter(new Random(3), 20_000);
        var window = Of(readings, MetricForm.Counter);
        AssertSame(Brute(readings), window); // in order, it is exact still
        Assert.InRange(WindowAggregateTests.Bytes(window).Length, 1000, CounterState.MaxPoints * 10);

        // Late, but among those that are kept; and one that is not kept any more, which changes nothing.
        var last = readings[^1];
        window.Add(last.Ms - 1, 0, MetricForm.Counter);
        AssertSame(Brute([.. readings[..^1], (last.Ms - 1, 0), last]), window);
        var (increase, resets) = (window.Increase, window.Resets);
        window.Add(readings[10].Ms + 1, 0, MetricForm.Counter);
        Assert.Equal((increase, resets), (window.Increase, window.Resets));
    }

    [Fact]
    public void Areas_add_up_what_meters_tell_and_mix_no_meters()
    {
        var (a, b) = (Of([(T0, 100), (T0 + 10, 105)], MetricForm.Counter), Of([(T0 + 5, 1), (T0 + 20, 4)], MetricForm.Counter));
        var area = new WindowAggregate();
        area.Merge(a.ToldBy(new(a.Increase, a.Resets)));
        area.Merge(Again(b.ToldBy(new(b.Increase, b.Resets))));
        Assert.Equal((8.0, 0L, 4L), (area.Increase, area.Resets, area.Count));
        area.Merge(a.ToldBy(new(2.5, 1)));
        Assert.Equal((10.5, 1L), (Again(area).Increase, Again(area).Resets));
        var later = new WindowAggregate();
        later.Merge(b.ToldBy(new(3, 0)));
        area.Merge(later); // an hour of an area: no step between its windows
        Assert.Equal(13.5, area.Increase);
        Assert.Equal(3, b.Increase); // what was told is a copy
    }

    [Fact]
    public void The_increase_after_a_reading_is_what_came_after_it()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var readings = Meter(random, 40);
            var at = random.Next(readings.Count);
            var window = Of(readings.OrderBy(_ => random.Next()), MetricForm.Counter);
            var (increase, resets) = Brute(readings[at..]);
            Assert.Equal(new CounterStep(increase, resets), window.IncreaseAfter(readings[at].Ms, readings[at].Value));
            var from = readings[0] with { Ms = readings[0].Ms - 1, Value = readings[0].Value / 2 };
            Assert.Equal(Brute([from, .. readings]), Plain(window.IncreaseAfter(from.Ms, from.Value)));
        }

        Assert.Equal(default, Of([(T0, 5)], MetricForm.Counter).IncreaseAfter(T0, 5));
        Assert.Equal(default, Of([(T0, 5)], MetricForm.Plain).IncreaseAfter(T0 - 1, 2));
    }

    [Fact]
    public void A_window_that_an_earlier_version_stored_counts_from_its_first_value_to_its_last()
    {
        var old = Again(Of([(T0, 10), (T0 + 1, 12), (T0 + 2, 15)], MetricForm.Plain));
        Assert.True(double.IsNaN(old.Increase));
        old.Add(T0 + 3, 18, MetricForm.Counter); // a late reading, after the upgrade
        Assert.Equal((8.0, 0L), (old.Increase, old.Resets));

        var merged = Merged(Again(Of([(T0, 10), (T0 + 2, 15)], MetricForm.Plain)), Of([(T0 + 60, 20), (T0 + 61, 22)], MetricForm.Counter));
        Assert.Equal(12, merged.Increase);
        Assert.Equal(12, Merged(Of([(T0 + 60, 20), (T0 + 61, 22)], MetricForm.Counter), Again(Of([(T0, 10), (T0 + 2, 15)], MetricForm.Plain))).Increase);

        // Of an area the ends are of different meters.
        var area = Again(Of([(T0, 10), (T0 + 2, 1500)], MetricForm.Plain));
        area.Merge(merged.ToldBy(new(4, 0)));
        Assert.Equal(4, area.Increase);
    }

    [Fact]
    public void A_reading_costs_three_bytes_when_it_comes_regularly_and_has_few_decimals()
    {
        var window = Of(Enumerable.Range(0, 60).Select(i => (T0 + (i * 1000L), Math.Round(81234.5 + (i * 0.07), 2))), MetricForm.Counter);
        var plain = Of(Enumerable.Range(0, 60).Select(i => (T0 + (i * 1000L), Math.Round(81234.5 + (i * 0.07), 2))), MetricForm.Plain);
        Assert.InRange(WindowAggregateTests.Bytes(window).Length - WindowAggregateTests.Bytes(plain).Length, 60 * 2, 60 * 3);
        AssertSame(Brute([.. Enumerable.Range(0, 60).Select(i => (T0 + (i * 1000L), Math.Round(81234.5 + (i * 0.07), 2)))]), Again(window));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(-0.0)]
    [InlineData(1e300)]
    [InlineData(5e-324)]
    [InlineData(1.0 / 3)]
    [InlineData(4503599627370496)]
    public void Every_value_reads_back_to_the_last_bit(double value)
    {
        var window = Of([(T0, 0.5), (T0 + 1, value), (T0 + 2, 123.456789)], MetricForm.Counter);
        var again = Again(window);
        Assert.Equal(WindowAggregateTests.Bytes(window), WindowAggregateTests.Bytes(again));
        Assert.Equal(BitConverter.DoubleToInt64Bits(window.Increase), BitConverter.DoubleToInt64Bits(again.Increase));
    }

    [Fact]
    public void Truncated_and_corrupt_bytes_are_invalid_data_or_a_state_that_works()
    {
        foreach (var collapse in (bool[])[false, true])
        {
            var window = Of(Meter(new Random(9), 30), MetricForm.CounterTo(1e6));
            if (collapse) window.CollapseCounter();
            window.Merge(Of([(T0 + 100_000, 3), (T0 + 100_001, 4)], MetricForm.CounterTo(1e6)));
            var bytes = WindowAggregateTests.Bytes(window);
            for (var length = 0; length < bytes.Length; length++)
            {
                var cut = bytes[..length];
                Assert.Throws<InvalidDataException>(() => Read(cut));
            }

            var refused = 0;
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                byte[] corrupt = [.. bytes];
                corrupt[bit / 8] ^= (byte)(1 << (bit % 8));
                try
                {
                    var state = Read(corrupt);
                    if (!double.IsNaN(state.Increase)) Assert.InRange(state.Increase, 0, double.MaxValue);
                    Assert.InRange(state.Resets, 0, long.MaxValue);
                    _ = WindowAggregateTests.Bytes(state);
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }

            Assert.InRange(refused, 1, bytes.Length * 8);
        }
    }

    private static IEnumerable<double> Numbers(string text) => text.Split(' ').Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Readings of a meter in the order of time; some fall, and some come at the same instant.</summary>
    private static List<(long Ms, double Value)> Meter(Random random, int count)
    {
        var readings = new List<(long Ms, double Value)>();
        var (ms, value) = (T0, (double)random.Next(1000));
        for (var i = 0; i < count; i++)
        {
            readings.Add((ms, value));
            ms += random.Next(10) == 0 ? 0 : random.Next(1, 3000);
            value = random.Next(12) == 0 && ms > readings[^1].Ms ? random.Next(5) : value + random.Next(4); // whole numbers: sums are exact in any order
        }

        return readings;
    }

    private static (double Increase, long Resets) Brute(IReadOnlyList<(long Ms, double Value)> readings)
    {
        var (increase, resets) = (0.0, 0L);
        for (var i = 1; i < readings.Count; i++)
        {
            var fell = readings[i].Value < readings[i - 1].Value;
            increase += fell ? readings[i].Value : readings[i].Value - readings[i - 1].Value;
            if (fell) resets++;
        }

        return (increase, resets);
    }

    private static (double Increase, long Resets) Plain(CounterStep step) => (step.Increase, step.Resets);

    private static void AssertSame((double Increase, long Resets) expected, WindowAggregate actual)
    {
        Assert.Equal(expected.Increase, actual.Increase, 1e-6);
        Assert.Equal(expected.Resets, actual.Resets);
    }

    private static WindowAggregate Of(IEnumerable<(long Ms, double Value)> readings, MetricForm form)
    {
        var window = new WindowAggregate();
        foreach (var (ms, value) in readings) window.Add(ms, value, form);
        return window;
    }

    private static WindowAggregate Merged(params WindowAggregate[] windows)
    {
        var merged = new WindowAggregate();
        foreach (var window in windows) merged.Merge(window);
        return merged;
    }

    private static WindowAggregate Again(WindowAggregate window) => Read(WindowAggregateTests.Bytes(window));

    private static WindowAggregate Read(byte[] bytes)
    {
        ReadOnlySpan<byte> source = bytes;
        return WindowAggregate.ReadFrom(ref source);
    }
}
