namespace SmartCity.Contracts;

/// <summary>One measured value of one metric.</summary>
/// <param name="Metric">Metric name, as in the payload (<c>pm25</c>, <c>RRU.PrbTotDl</c>). Interned by the decoder, so equal names are usually the same object.</param>
/// <param name="Value">Finite value in the metric's own unit.</param>
[GenerateSerializer, Immutable]
public readonly record struct Reading([property: Id(0)] string Metric, [property: Id(1)] double Value);
