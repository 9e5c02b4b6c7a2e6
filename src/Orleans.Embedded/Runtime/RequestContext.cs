namespace Orleans.Runtime;

/// <summary>What goes along a chain of calls.</summary>
public static class RequestContext
{
    /// <summary>Until the section is disposed, calls that this call makes may come back into this grain while it awaits them (call-chain reentrancy).</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        if (Turn.Current is not { TargetOrNull: { } grain } call) return default; // no grain: nothing can come back
        var previous = call.Chain;
        var chain = previous ?? new CallChain();
        call.Chain = chain;
        grain.EnterSection(chain);
        return new(call, previous, grain, chain);
    }

    /// <summary>Until the section is disposed, calls that this call makes may not come back into grains above.</summary>
    public static ReentrancySection SuppressCallChainReentrancy()
    {
        if (Turn.Current is not { } call) return default;
        var previous = call.Chain;
        call.Chain = null;
        return new(call, previous, null, null);
    }

    /// <summary>Ends what began it when it is disposed.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly GrainCallBase? _call;
        private readonly CallChain? _previous;
        private readonly Activation? _grain;
        private readonly CallChain? _chain;
        private readonly short _version;

        internal ReentrancySection(GrainCallBase call, CallChain? previous, Activation? grain, CallChain? chain)
        {
            (_call, _previous, _grain, _chain) = (call, previous, grain, chain);
            _version = call.Version;
        }

        public void Dispose()
        {
            if (_call is null) return;
            if (_call.Version == _version) _call.Chain = _previous;
            if (_grain is not null) _grain.LeaveSection(_chain!);
        }
    }
}
