namespace SmartCity.Contracts;

/// <summary>Where readings come from, as the topic names it: <c>city/{Region}/{Unit}/{Kind}/{device}</c>.</summary>
/// <param name="Region">Region code: <c>bac</c>, <c>trung</c> or <c>nam</c>.</param>
/// <param name="Unit">Unit code of the geography file, such as <c>hn</c> or <c>sg</c>.</param>
/// <param name="Kind">Kind of device, such as <c>air</c>, <c>cell</c> or <c>mdt</c>.</param>
[GenerateSerializer, Immutable]
public sealed record StreamName([property: Id(0)] string Region, [property: Id(1)] string Unit, [property: Id(2)] string Kind);
