using System.Buffers;

namespace SmartCity.Contracts.Tests;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Numbers_survive_their_bytes(long value)
    {
        var writer = new ArrayBufferWriter<byte>();
        Varint.WriteSigned(writer, value);
        Varint.Write(writer, (ulong)value);
        var source = writer.WrittenSpan;
        Assert.Equal(value, Varint.ReadSigned(ref source));
        Assert.Equal((ulong)value, Varint.Read(ref source));
        Assert.True(source.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")] // 65 bits
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")] // eleven bytes
    public void What_is_no_number_is_invalid_data(string hex) => Assert.Throws<InvalidDataException>(() =>
    {
        ReadOnlySpan<byte> source = Convert.FromHexString(hex);
        return Varint.Read(ref source);
    });
}
