using Orleans.Hosting;
using SmartCity.Contracts;
using SmartCity.Storage;

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What is particular to the file of grain states.</summary>
public sealed class SqliteStateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("smartcity-states-").FullName;
    private readonly string _key = ContractSilo.NewKey("profile");

    private string DatabaseFile => Path.Combine(_folder, SqliteGrainStorage.FileName);

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_works_once_it_is_moved_away()
    {
        await File.WriteAllTextAsync(DatabaseFile, new string('x', 4096), TestContext.Current.CancellationToken);
        await using var silo = await Start();
        var grain = silo.Grains.GetGrain<IProfileGrain>(_key);
        var error = await Assert.ThrowsAsync<OrleansException>(() => grain.Look(Slot.Durable));
        Assert.Equal($"The file '{DatabaseFile}' is not a database of this program: move it away, or set Data to another folder.", Assert.IsType<StoreUnavailableException>(error.InnerException).Message);
        File.Delete(DatabaseFile);
        await grain.Save(Slot.Durable, "written");
        Assert.Equal("written", (await grain.Look(Slot.Durable)).Name);
    }

    [Fact]
    public async Task Many_grains_write_at_once()
    {
        await using (var silo = await Start())
            await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => silo.Grains.GetGrain<IProfileGrain>($"{_key}-{i}").Save(Slot.Durable, $"name {i}")));
        await using var again = await Start();
        var views = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => again.Grains.GetGrain<IProfileGrain>($"{_key}-{i}").Look(Slot.Durable)));
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"name {i}"), views.Select(v => v.Name));
        Assert.Equal(2000, views.Select(v => v.Etag).Distinct().Count());
    }

    [Fact]
    public void No_file_is_made_while_nobody_has_a_state()
    {
        new SqliteGrainStorage(_folder).Dispose();
        Assert.False(File.Exists(DatabaseFile));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<ContractSilo> Start() => ContractSilo.Start(silo =>
    {
        foreach (var name in new[] { StoringSilo.Memory, StoringSilo.Scripted, StoringSilo.Faulty }) silo.AddMemoryGrainStorage(name);
        silo.AddSqliteGrainStorage(StoringSilo.Durable, _folder);
    });
}
