namespace Orleans.Runtime;

/// <summary>The context of a call that runs beside another one of the same grain. The first call of a grain needs none: it uses the activation.</summary>
internal sealed class CallContext(Activation grain, GrainCallBase call) : GrainContext
{
    private readonly short _version = call.Version;

    public override Activation Grain => grain;

    // The object is another call's as soon as its result was taken; what this one left behind belongs to none.
    public override GrainCallBase? Call => call.Version == _version ? call : null;
}
