using Microsoft.Extensions.DependencyInjection;

namespace SmartCity.Orleans.Contract.Tests;

public sealed class InjectedGrain : Grain, IInjectedGrain
{
    private readonly Stage _stage;
    private readonly IGrainFactory _grains;
    private readonly string _key;

    public InjectedGrain(Stage stage, IGrainFactory grains)
    {
        (_stage, _grains, _key) = (stage, grains, this.GetPrimaryKeyString());
        _stage.Of(_key).Note("constructed");
        _stage.Of(_key).ThrowIfScripted("construct");
    }

    public Task<string> Complaints() => Task.FromResult(string.Join(", ", new (string Complaint, bool Justified)[]
    {
        ("no service", _stage is null),
        ("no factory", _grains is null),
        ("another service than the host's", !ReferenceEquals(_stage, ServiceProvider.GetRequiredService<Stage>())),
        ("no factory of its own", GrainFactory is null),
    }.Where(c => c.Justified).Select(c => c.Complaint)));

    public Task<string> KeyInConstructor() => Task.FromResult(_key);

    public async Task<string> CallOther(string other) => await _grains.GetGrain<IInjectedGrain>(other).KeyInConstructor();
}
