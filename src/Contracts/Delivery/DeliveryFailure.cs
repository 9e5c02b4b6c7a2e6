namespace SmartCity.Contracts;

/// <summary>A message that its grain failed on and will fail on again.</summary>
/// <param name="Index">Place in the batch, or in the device's part of it.</param>
[GenerateSerializer, Immutable]
public readonly record struct DeliveryFailure([property: Id(0)] int Index, [property: Id(1)] string Error);
