using System.Buffers.Binary;
using SmartCity.Contracts;

namespace SmartCity.Storage;

/// <summary>Positions of several gateways as bytes: number (4), position (8), little-endian, one after the other.</summary>
internal static class GatewayPositions
{
    private const int Size = 12;

    public static byte[] Write(IReadOnlyList<GatewayPosition>? positions)
    {
        var bytes = new byte[(positions?.Count ?? 0) * Size];
        for (var i = 0; i < positions?.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * Size), positions[i].Gateway);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan((i * Size) + 4), positions[i].Through);
        }

        return bytes;
    }

    public static GatewayPosition[]? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return null;
        var positions = new GatewayPosition[bytes.Length / Size];
        for (var i = 0; i < positions.Length; i++)
            positions[i] = new(BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * Size)..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[((i * Size) + 4)..]));
        return positions;
    }
}
