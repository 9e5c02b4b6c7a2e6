using SmartCity.Contracts;

namespace SmartCity.Storage.Tests;

/// <summary>What every <see cref="ISeriesStore"/> must do.</summary>
public abstract class SeriesStoreConformance
{
    private const long T0 = Sample.T0;
    private const long Minute = 60_000;

    protected abstract ISeriesStore Store { get; }

    [Fact]
    public async Task A_device_row_reads_back_exactly()
    {
        double[] values = [1.5, 0.1, -3e-7, 1.0 / 3, 123456789.123, -0.0, 1e20];
        var window = Sample.Window(values: values);
        await WriteAsync(window);
        Assert.Equal([SeriesRow.From(T0, window.Aggregate)], await ReadAsync());
    }

    [Theory]
    [InlineData(MeanKind.Power)]
    [InlineData(MeanKind.Vector)]
    public async Task A_mean_other_than_the_arithmetic_one_reads_back_exactly(MeanKind kind)
    {
        var aggregate = new WindowAggregate();
        foreach (var value in (double[])[61.3, 70, 58.25]) aggregate.Add(T0, value, kind);
        await Store.WriteAsync([Sample.Window(aggregate: aggregate)], [], default);
        var row = Assert.Single(await ReadAsync());
        Assert.Equal(SeriesRow.From(T0, aggregate), row);
        Assert.False(double.IsNaN(kind == MeanKind.Power ? row.PowerMean : row.VectorMean));
    }

    [Fact]
    public async Task What_a_counter_has_grown_by_reads_back_exactly()
    {
        var meter = new WindowAggregate();
        foreach (var (ms, value) in ((long, double)[])[(T0, 81234.07), (T0 + 5, 81234.4), (T0 + 9, 0.25)]) meter.Add(ms, value, MetricForm.Counter);
        var area = new WindowAggregate();
        area.Merge(meter.ToldBy(new(1.0 / 3, 7)));
        await Store.WriteAsync([Sample.Window(aggregate: meter)], [new() { Area = "hn", Kind = "air", Metric = "pm25", StartMs = T0, Aggregate = area }], default);
        var row = Assert.Single(await ReadAsync());
        Assert.Equal(SeriesRow.From(T0, meter), row);
        Assert.Equal((0.58, 1L), (Math.Round(row.Increase, 9), row.Resets));
        var areaRow = Assert.Single(await Store.ReadAreaAsync("hn", "air", "pm25", T0, T0 + 1, default));
        Assert.Equal((1.0 / 3, 7L), (areaRow.Increase, areaRow.Resets));
    }

    [Fact]
    public async Task An_area_row_reads_back_exactly()
    {
        var area = Sample.Area(values: [4.25, 8, 15.5]);
        await Store.WriteAsync([], [area, Sample.Area(area: "hp"), Sample.Area(kind: "noise"), Sample.Area(metric: "pm10")], default);
        Assert.Equal([SeriesRow.From(T0, area.Aggregate)], await Store.ReadAreaAsync("hn", "air", "pm25", T0, T0 + 1, default));
        Assert.Empty(await Store.ReadAreaAsync("sg", "air", "pm25", T0, T0 + 1, default));
    }

    [Fact]
    public async Task Writing_a_row_again_replaces_it()
    {
        await WriteAsync(Sample.Window(values: [1]), Sample.Window(metric: "pm10", values: [7]));
        var corrected = Sample.Window(values: [1, 2, 3, 4], revision: 2);
        await WriteAsync(corrected);
        await WriteAsync(corrected);
        Assert.Equal([SeriesRow.From(T0, corrected.Aggregate)], await ReadAsync());
        Assert.Equal(7, Assert.Single(await ReadAsync(metric: "pm10")).Mean); // the other metric of the same line stays
        await Store.WriteAsync([], [Sample.Area(values: [1])], default);
        await Store.WriteAsync([], [Sample.Area(values: [1, 2])], default);
        Assert.Equal(2, Assert.Single(await Store.ReadAreaAsync("hn", "air", "pm25", T0, T0 + 1, default)).Count);
    }

    [Fact]
    public async Task Of_the_same_row_twice_in_one_write_the_last_stays()
    {
        await WriteAsync(Sample.Window(values: [1]), Sample.Window(metric: "pm10"), Sample.Window(values: [5, 6]));
        Assert.Equal(2, Assert.Single(await ReadAsync()).Count);
    }

    [Fact]
    public async Task The_range_includes_its_start_and_excludes_its_end()
    {
        await WriteAsync([.. Enumerable.Range(0, 5).Select(i => Sample.Window(startMs: T0 + (i * Minute), values: [i]))]);
        Assert.Equal([T0 + Minute, T0 + (2 * Minute)], (await ReadAsync(from: T0 + Minute, to: T0 + (3 * Minute))).Select(r => r.StartMs));
        Assert.Equal([T0 + (2 * Minute)], (await ReadAsync(from: T0 + Minute + 1, to: T0 + (2 * Minute) + 1)).Select(r => r.StartMs));
        Assert.Empty(await ReadAsync(from: T0 + 1, to: T0 + Minute));
        Assert.Empty(await ReadAsync(from: T0, to: T0));
        Assert.Empty(await ReadAsync(from: T0 + Minute, to: T0));
        Assert.Equal(5, (await ReadAsync(from: long.MinValue, to: long.MaxValue)).Count);
    }

    [Fact]
    public async Task Rows_come_in_order_of_start_however_they_were_written()
    {
        int[] order = [3, 0, 4, 1, 2];
        foreach (var i in order)
        {
            await WriteAsync(Sample.Window(startMs: T0 + (i * Minute), values: [i]));
            await Store.WriteAsync([], [Sample.Area(startMs: T0 + (i * Minute), values: [i])], default);
        }

        Assert.Equal([0d, 1, 2, 3, 4], (await ReadAsync(to: T0 + Minute * 9)).Select(r => r.Last));
        Assert.Equal([0d, 1, 2, 3, 4], (await Store.ReadAreaAsync("hn", "air", "pm25", T0, T0 + (Minute * 9), default)).Select(r => r.Last));
    }

    [Fact]
    public async Task A_device_that_moved_has_the_rows_of_both_places()
    {
        await WriteAsync(Sample.Window(values: [1]), Sample.Window(values: [2], stream: new("nam", "sg", "air")), Sample.Window(startMs: T0 + Minute, values: [3]));
        var rows = await ReadAsync(to: T0 + (2 * Minute));
        Assert.Equal([T0, T0, T0 + Minute], rows.Select(r => r.StartMs));
        Assert.Equal([1d, 2], rows.Take(2).Select(r => r.Last).Order());
    }

    [Fact]
    public async Task Nothing_written_reads_as_nothing()
    {
        Assert.Empty(await ReadAsync());
        await WriteAsync(Sample.Window());
        Assert.Empty(await ReadAsync(device: "d2"));
        Assert.Empty(await ReadAsync(metric: "pm1"));
        await Store.WriteAsync([], [], default);
    }

    [Theory]
    [InlineData("452-04-0A1B2C3D4", "RRU.PrbTotDl")]
    [InlineData("a.b:c_d-e", "L1M.SS-RSRP.Bin12")]
    [InlineData("trạm đo 1", "nhiệt độ")]
    [InlineData("comma,equals=space \"quotes\" 'single'", "pm,2=5 \"x\" 'y'")]
    [InlineData("back\\slash", "m\\n")]
    [InlineData("' OR 1=1 --", "pm25\" FROM \"other")]
    [InlineData("😀", "µg/m³")]
    [InlineData("# comment", "#metric")]
    [InlineData("true", "time")]
    public async Task Odd_names_are_only_names(string device, string metric)
    {
        var window = Sample.Window(device, metric);
        await WriteAsync(window, Sample.Window("bystander", metric), Sample.Window(device, "bystander"));
        Assert.Equal([SeriesRow.From(T0, window.Aggregate)], await ReadAsync(device, metric));
        var area = Sample.Area(device, "k " + metric, metric);
        await Store.WriteAsync([], [area], default);
        Assert.Equal([SeriesRow.From(T0, area.Aggregate)], await Store.ReadAreaAsync(device, "k " + metric, metric, T0, T0 + 1, default));
    }

    [Fact]
    public async Task Names_that_share_their_beginning_are_kept_apart()
    {
        await WriteAsync(Sample.Window("d1", "pm"), Sample.Window("d1", "pm_min", values: [9]), Sample.Window("d10", "pm", values: [8]));
        Assert.Equal(3, Assert.Single(await ReadAsync("d1", "pm")).Count);
        Assert.Equal(9, Assert.Single(await ReadAsync("d1", "pm_min")).Min);
        Assert.Equal(8, Assert.Single(await ReadAsync("d10", "pm")).Min);
    }

    [Fact]
    public async Task Many_rows_of_many_devices_all_read_back()
    {
        const int Devices = 40;
        const int Starts = 600;
        var windows = new List<DeviceWindow>();
        for (var start = 0; start < Starts; start++)
        {
            for (var device = 0; device < Devices; device++) windows.Add(Sample.Window($"d{device}", "m", T0 + (start * Minute), [device + (start / 1000.0)]));
        }

        await Store.WriteAsync(windows, [], default);
        for (var device = 0; device < Devices; device++)
        {
            var rows = await ReadAsync($"d{device}", "m", T0, T0 + (Starts * Minute));
            Assert.Equal(Enumerable.Range(0, Starts).Select(s => device + (s / 1000.0)), rows.Select(r => r.Mean));
        }
    }

    [Fact]
    public async Task A_series_longer_than_any_page_is_whole()
    {
        const int Starts = 25_000;
        await WriteAsync([.. Enumerable.Range(0, Starts).Select(i => Sample.Window(startMs: T0 + (i * 1000L), values: [i]))]);
        var rows = await ReadAsync(to: T0 + (Starts * 1000L));
        Assert.Equal(Starts, rows.Count);
        Assert.Equal(Enumerable.Range(0, Starts).Select(i => (double)i), rows.Select(r => r.First));
    }

    [Fact]
    public async Task Cancelling_cancels()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync([Sample.Window()], [], cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadDeviceAsync("d1", "pm25", T0, T0 + 1, cancelled.Token));
    }

    private Task WriteAsync(params DeviceWindow[] windows) => Store.WriteAsync(windows, [], default);

    private Task<IReadOnlyList<SeriesRow>> ReadAsync(string device = "d1", string metric = "pm25", long from = T0, long to = T0 + 1) =>
        Store.ReadDeviceAsync(device, metric, from, to, default);
}
