using System.Buffers.Binary;

namespace SmartCity.Gateway;

/// <summary>A fast hash of short byte strings, randomised per process so that nobody can aim names at one slot.</summary>
internal static class ShortHash
{
    private const ulong Prime = 0x9E3779B97F4A7C15;
    private static readonly ulong s_seed = (ulong)Random.Shared.NextInt64();

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var hash = s_seed ^ ((ulong)bytes.Length * Prime);
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) hash = (hash ^ b) * Prime;
        hash = Mix(hash);
        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong value)
    {
        value *= Prime;
        return value ^ (value >> 29);
    }
}
