namespace SmartCity.Contracts;

/// <summary>A reading of a counter; of two at the same instant the smaller comes first.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct CounterPoint([property: Id(0)] long Ms, [property: Id(1)] double Value) : IComparable<CounterPoint>
{
    public int CompareTo(CounterPoint other) => Ms != other.Ms ? Ms.CompareTo(other.Ms) : Value.CompareTo(other.Value);

    public static bool operator <(CounterPoint a, CounterPoint b) => a.CompareTo(b) < 0;

    public static bool operator >(CounterPoint a, CounterPoint b) => a.CompareTo(b) > 0;

    public static bool operator <=(CounterPoint a, CounterPoint b) => a.CompareTo(b) <= 0;

    public static bool operator >=(CounterPoint a, CounterPoint b) => a.CompareTo(b) >= 0;
}
