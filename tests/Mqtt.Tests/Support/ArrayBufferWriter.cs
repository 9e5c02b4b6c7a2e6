using System.Buffers;

namespace SmartCity.Mqtt.Tests;

/// <summary>Collects bytes.</summary>
internal sealed class ArrayBufferWriter : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _inner = new();

    public void Advance(int count) => _inner.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);

    public byte[] ToArray() => _inner.WrittenSpan.ToArray();
}
