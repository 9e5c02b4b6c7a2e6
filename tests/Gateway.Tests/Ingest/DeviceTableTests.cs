using System.Text;
using SmartCity.Contracts;

namespace SmartCity.Gateway.Tests;

public sealed class DeviceTableTests
{
    private static readonly StreamName s_stream = new("nam", "sg", "air");

    [Fact]
    public void Devices_are_found_by_text_and_by_bytes_and_no_other()
    {
        var table = new DeviceTable();
        for (var i = 0; i < 5000; i++) table.Add(Device(i));
        for (var i = 0; i < 5000; i++)
        {
            Assert.Same(table.All[i], table.Find($"device-{i}"));
            Assert.Same(table.All[i], table.Find(Encoding.ASCII.GetBytes($"device-{i}")));
        }

        Assert.Equal(5000, table.Count);
        foreach (var other in new[] { "", "device-", "device-5000", "Device-1", "thiết-bị", new string('x', 1000) })
        {
            Assert.Null(table.Find(other));
            Assert.False(table.IsStored(other));
        }
    }

    [Fact]
    public async Task Readers_see_every_device_that_was_added_before_they_asked_while_others_are_being_added()
    {
        var table = new DeviceTable();
        const int Devices = 60_000;
        var added = 0;
        var readers = Enumerable.Range(0, 3).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            while (Volatile.Read(ref added) < Devices)
            {
                var known = Volatile.Read(ref added);
                if (known == 0) continue;
                var i = random.Next(known);
                Assert.Equal($"device-{i}", table.Find($"device-{i}")?.Id);
                Assert.Null(table.Find("nobody"));
                var all = table.All;
                Assert.True(all.Length >= known);
                Assert.Equal($"device-{i}", all[i].Id);
                Assert.NotNull(all[^1]);
            }
        })).ToArray();
        for (var i = 0; i < Devices; i++)
        {
            table.Add(Device(i));
            Volatile.Write(ref added, i + 1);
        }

        await Task.WhenAll(readers);
    }

    private static DeviceEntry Device(int i) => new($"device-{i}", null!, s_stream, i);
}
