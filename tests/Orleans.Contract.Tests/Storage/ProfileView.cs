namespace SmartCity.Orleans.Contract.Tests;

/// <summary>What a grain sees of one of its states; how it was when it activated; and which activation tells.</summary>
[GenerateSerializer, Immutable]
[Alias("SmartCity.Contract.ProfileView")]
public sealed record ProfileView(
    [property: Id(0)] string Name,
    [property: Id(1)] int Values,
    [property: Id(2)] bool RecordExists,
    [property: Id(3)] string? Etag,
    [property: Id(4)] string NameAtActivation,
    [property: Id(5)] int Activation);
