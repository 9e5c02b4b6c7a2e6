using System.Buffers;

namespace SmartCity.Mqtt;

/// <summary>Collects the packets that one batch of received packets causes, so that they go out in one write. Empty, it holds no memory.</summary>
internal sealed class ReplyBuffer : IBufferWriter<byte>
{
    private byte[] _buffer = [];

    /// <summary>Bytes collected.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(Length);
    }

    /// <summary>Empties the buffer and gives its memory back.</summary>
    public void Clear()
    {
        Length = 0;
        if (_buffer.Length == 0) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Reserve(int sizeHint)
    {
        var wanted = Length + Math.Max(sizeHint, 16);
        if (_buffer.Length >= wanted) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, 512));
        Written.CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
