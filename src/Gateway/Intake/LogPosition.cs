namespace SmartCity.Gateway;

/// <summary>Positions number the objects of records: the record's sequence in the upper bits, the object's place in its array in the lower twelve.</summary>
public static class LogPosition
{
    /// <summary>Objects that one record may hold.</summary>
    public const int MaxOrdinals = 4096;

    private const int OrdinalBits = 12;

    public static long Of(long sequence, int ordinal) => (sequence << OrdinalBits) | (uint)ordinal;

    /// <summary>The record that a position lies in.</summary>
    public static long SequenceOf(long position) => position >> OrdinalBits;

    /// <summary>The position behind which the next record begins.</summary>
    public static long Through(long sequence) => (sequence << OrdinalBits) | (MaxOrdinals - 1);

    /// <summary>The newest record that lies wholly at or before a position; 0 for −1, before the first record.</summary>
    public static long SequenceThrough(long position) => ((position + 1) >> OrdinalBits) - 1 is var sequence && sequence < 0 ? 0 : sequence;
}
