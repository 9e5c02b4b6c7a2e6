namespace SmartCity.Gateway.Tests;

/// <summary>Records are found again, as long as the log has them.</summary>
public sealed class IntakeFindTests : IDisposable
{
    private readonly LogRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Records_are_found_in_whichever_file_they_are()
    {
        _rig.Options.KeepHours = 48;
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 300);
        Assert.True(_rig.Files.Length > 3);
        Assert.Equal(300, log.Find(Enumerable.Range(1, 300).Select(i => (long)i)).Count);
        long[] some = [299, 3, 150, 3, 300, 1, 301, 9999];
        var found = log.Find(some);
        Assert.Equal([1L, 3, 150, 299, 300], found.Keys.Order());
        Assert.All(found, f => Assert.Equal(("city/nam/sg/air/d1", LogRig.PayloadOf(f.Key)), (f.Value.Topic, System.Text.Encoding.UTF8.GetString(f.Value.Payload))));
        Assert.Empty(log.Find([]));
    }

    [Fact]
    public async Task What_was_deleted_or_damaged_is_missing_and_the_rest_is_found()
    {
        _rig.Options.KeepHours = 48;
        var log = _rig.Open();
        await LogRig.AppendAsync(log, 300);
        var starts = _rig.Files.Select(f => Convert.ToInt64(Path.GetFileNameWithoutExtension(f), 16)).ToArray();
        var bytes = await File.ReadAllBytesAsync(_rig.Files[1], TestContext.Current.CancellationToken);
        bytes[30] ^= 1; // in the first record of the second file
        await File.WriteAllBytesAsync(_rig.Files[1], bytes, TestContext.Current.CancellationToken);
        Assert.Equal([starts[1] - 1, starts[1] + 1], log.Find([starts[1] - 1, starts[1], starts[1] + 1]).Keys.Order());

        foreach (var file in _rig.Files[..1]) File.SetLastWriteTimeUtc(file, _rig.Clock.GetUtcNow().UtcDateTime.AddHours(-49));
        log.Trim(300);
        Assert.Equal([starts[1] + 1, 300L], log.Find([1, starts[1] + 1, 300]).Keys.Order());
    }
}
