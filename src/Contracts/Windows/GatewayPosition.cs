namespace SmartCity.Contracts;

/// <summary>A position in the intake log of one gateway.</summary>
[GenerateSerializer, Immutable]
public readonly record struct GatewayPosition([property: Id(0)] int Gateway, [property: Id(1)] long Through);
