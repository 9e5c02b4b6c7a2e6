namespace SmartCity.Orleans.Contract.Tests;

public sealed class ChainGrain(Stage stage) : Grain, IChainGrain
{
    public async Task<string> Go(string route)
    {
        var key = this.GetPrimaryKeyString();
        if (route.Length == 0) return key;
        var hop = route.Split(' ')[0];
        var rest = route[hop.Length..].TrimStart();
        var (how, to) = (hop.Split(':')[0], hop.Split(':')[1]);
        switch (how)
        {
            case "call":
                return await GrainFactory.GetGrain<IChainGrain>(to).Go(rest);
            case "allow":
                using (RequestContext.AllowCallChainReentrancy())
                {
                    return await GrainFactory.GetGrain<IChainGrain>(to).Go(rest);
                }

            case "allowed":
                using (RequestContext.AllowCallChainReentrancy())
                {
                    await Task.Yield();
                }

                return await GrainFactory.GetGrain<IChainGrain>(to).Go(rest);
            case "suppress":
                using (RequestContext.AllowCallChainReentrancy())
                using (RequestContext.SuppressCallChainReentrancy())
                {
                    return await GrainFactory.GetGrain<IChainGrain>(to).Go(rest);
                }

            case "act":
                await stage.Of(this).Act(to);
                return key;
            default:
                throw new ArgumentException($"Unknown hop '{hop}'.", nameof(route));
        }
    }

    public Task Settle() => Task.CompletedTask;
}
