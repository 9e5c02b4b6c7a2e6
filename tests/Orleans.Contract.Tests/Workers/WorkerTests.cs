namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A stateless worker is several activations under one key, each doing one call at a time.</summary>
public sealed class WorkerTests(SharedSilo silo) : ContractTests(silo)
{
    private const int Workers = WorkerGrain.MaxLocalWorkers;

    [Fact]
    public async Task As_many_calls_run_at_once_as_the_class_has_workers_and_no_more()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<IWorkerGrain>(key), Scene(key));
        var calls = Enumerable.Range(0, Workers + 5).Select(_ => grain.Work("all")).ToArray();
        await scene.Noted("in", Workers);
        for (var i = 0; i < 200; i++) await Grains.GetGrain<ITurnGrain>($"{key}-other").Quick(i); // time for one too many to enter
        Assert.Equal(Workers, scene.Count("in"));

        scene.Open("all");
        Assert.DoesNotContain(false, await Within(Task.WhenAll(calls), "all calls"));
        Assert.Equal(Workers, MostInside(scene));
    }

    [Fact]
    public async Task A_call_takes_the_place_of_one_that_ended()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<IWorkerGrain>(key), Scene(key));
        var first = grain.Work("first");
        await scene.Noted("in");
        var others = Enumerable.Range(1, Workers - 1).Select(_ => grain.Work("others")).ToArray();
        await scene.Noted("in", Workers);
        var waiting = grain.Work("waiting");
        scene.Open("first");
        await scene.Noted("in", Workers + 1);
        Assert.Equal(1, scene.Count("out"));
        scene.Open("others");
        scene.Open("waiting");
        await Within(Task.WhenAll([first, waiting, .. others]), "all calls");
        Assert.Equal(Workers, scene.Count("activated"));
    }

    [Fact]
    public async Task Calls_one_after_the_other_need_one_worker()
    {
        var key = ContractSilo.NewKey();
        var (grain, scene) = (Grains.GetGrain<IWorkerGrain>(key), Scene(key));
        scene.Open("none");
        for (var i = 0; i < 20; i++) Assert.True(await grain.Work("none"));
        Assert.Equal(1, scene.Count("activated"));
    }

    [Fact]
    public async Task Every_key_has_workers_of_its_own()
    {
        var (one, two) = (ContractSilo.NewKey(), ContractSilo.NewKey());
        var busy = Enumerable.Range(0, Workers).Select(_ => Grains.GetGrain<IWorkerGrain>(one).Work("held")).ToArray();
        await Scene(one).Noted("in", Workers);
        Scene(two).Open("held");
        Assert.True(await Within(Grains.GetGrain<IWorkerGrain>(two).Work("held"), "a worker of another key"));
        Scene(one).Open("held");
        await Within(Task.WhenAll(busy), "the busy workers");
    }

    private static int MostInside(Scene scene)
    {
        var (inside, most) = (0, 0);
        foreach (var note in scene.Notes)
        {
            inside += note switch { "in" => 1, "out" => -1, _ => 0 };
            most = Math.Max(most, inside);
        }

        return most;
    }
}
