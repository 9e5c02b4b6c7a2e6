namespace SmartCity.Orleans.Contract.Tests;

public sealed class ParcelGrain(Stage stage) : Grain, IParcelGrain
{
    private Parcel _kept = Parcel.Of("grain");

    public Task Spoil(Parcel parcel)
    {
        parcel.Spoil();
        return Task.CompletedTask;
    }

    public Task Keep(Parcel parcel)
    {
        _kept = parcel;
        Put(parcel);
        return Task.CompletedTask;
    }

    public Task KeepList(List<Part> parts)
    {
        Put(parts);
        return Task.CompletedTask;
    }

    public Task KeepNumbers(int[] numbers)
    {
        Put(numbers);
        return Task.CompletedTask;
    }

    public Task KeepTwo(Parcel first, Parcel second)
    {
        Put(new[] { first, second });
        return Task.CompletedTask;
    }

    public ValueTask KeepLabel(Label label)
    {
        Put(label);
        return default;
    }

    public ValueTask KeepUnchanged([Immutable] Parcel parcel)
    {
        Put(parcel);
        return default;
    }

    public ValueTask KeepBoth([Immutable] Parcel unchanged, Parcel copied)
    {
        Put(new[] { unchanged, copied });
        return default;
    }

    public Task KeepReadOnly([Immutable] IReadOnlyList<Label> labels)
    {
        Put(labels);
        return Task.CompletedTask;
    }

    public Task<string> Kept() => Task.FromResult(_kept.ToString());

    public Task<bool> PartsAreOne() => Task.FromResult(ReferenceEquals(_kept.Part, _kept.Other) && ReferenceEquals(_kept.Part, _kept.List[0]));

    public Task<Parcel> Give() => Task.FromResult(_kept);

    public ValueTask<Parcel> GiveInValueTask() => new(_kept);

    public Task<List<Part>> GiveList() => Task.FromResult(_kept.List);

    public Task<Label> GiveLabel()
    {
        Put(_kept.Label!);
        return Task.FromResult(_kept.Label!);
    }

    public Task SpoilKept()
    {
        _kept.Spoil();
        return Task.CompletedTask;
    }

    public Task Hold(string name) => stage.Of(this).Act(name);

    public async Task<string> SpoilThere(string other)
    {
        await GrainFactory.GetGrain<IParcelGrain>(other).Spoil(_kept);
        return _kept.ToString();
    }

    private void Put(object value) => Shelf.Put(this.GetPrimaryKeyString(), value);
}
