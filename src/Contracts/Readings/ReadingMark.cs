namespace SmartCity.Contracts;

/// <summary>A place in the order of a metric's readings: by time, of the same instant by sequence, and without one last.</summary>
/// <param name="EventMs">Unix milliseconds.</param>
public readonly record struct ReadingMark(long EventMs, uint Sequence) : IComparable<ReadingMark>
{
    public int CompareTo(ReadingMark other) => EventMs != other.EventMs ? EventMs.CompareTo(other.EventMs) : Sequence.CompareTo(other.Sequence);

    public static bool operator <(ReadingMark left, ReadingMark right) => left.CompareTo(right) < 0;

    public static bool operator >(ReadingMark left, ReadingMark right) => left.CompareTo(right) > 0;

    public static bool operator <=(ReadingMark left, ReadingMark right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ReadingMark left, ReadingMark right) => left.CompareTo(right) >= 0;
}
