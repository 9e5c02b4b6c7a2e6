namespace SmartCity.Orleans.Contract.Tests;

public sealed class ProfileGrain(
    [PersistentState("profile", StoringSilo.Memory)] IPersistentState<Profile> profile,
    [PersistentState("profile", StoringSilo.Memory)] IPersistentState<Profile> rival,
    [PersistentState("notes", StoringSilo.Memory)] IPersistentState<Profile> notes,
    [PersistentState("profile", StoringSilo.Scripted)] IPersistentState<Profile> scripted,
    [PersistentState("profile", StoringSilo.Durable)] IPersistentState<Profile> durable,
    [PersistentState("profile", StoringSilo.Durable)] IPersistentState<Profile> durableRival,
    [PersistentState("profile", StoringSilo.Faulty)] IPersistentState<Profile> faulty,
    Stage stage) : Grain, IProfileGrain
{
    private readonly IPersistentState<Profile>[] _slots = [profile, rival, notes, scripted, durable, durableRival, faulty];
    private string[] _atActivation = [];
    private int _activation;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var scene = stage.Of(this);
        scene.Note("activated");
        _activation = scene.Count("activated");
        _atActivation = [.. _slots.Select(s => s.State.Name)];
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (stage.Of(this).Has("save when leaving")) await Save(Slot.Scripted, $"left: {reason.ReasonCode}");
        stage.Of(this).Note("deactivated");
    }

    public Task<ProfileView> Look(Slot slot)
    {
        var state = Of(slot);
        return Task.FromResult(new ProfileView(state.State.Name, state.State.Values.Sum(), state.RecordExists, state.Etag, _atActivation[(int)slot], _activation));
    }

    public Task Set(Slot slot, string name)
    {
        Of(slot).State.Name = name;
        return Task.CompletedTask;
    }

    public Task AddValue(Slot slot, int value)
    {
        Of(slot).State.Values.Add(value);
        return Task.CompletedTask;
    }

    public Task SetLevel(Slot slot, double level)
    {
        Of(slot).State.Level = level;
        return Task.CompletedTask;
    }

    public Task<double> Level(Slot slot) => Task.FromResult(Of(slot).State.Level);

    public Task Write(Slot slot) => Of(slot).WriteStateAsync();

    public async Task Save(Slot slot, string name)
    {
        Of(slot).State = new Profile { Name = name };
        await Of(slot).WriteStateAsync();
    }

    public Task Reload(Slot slot) => Of(slot).ReadStateAsync();

    public Task Clear(Slot slot) => Of(slot).ClearStateAsync();

    public async Task<string> TrySave(Slot slot, string name)
    {
        try
        {
            await Save(slot, name);
            return "";
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private IPersistentState<Profile> Of(Slot slot) => _slots[(int)slot];
}
