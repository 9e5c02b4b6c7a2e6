namespace SmartCity.Simulators;

/// <summary>
/// A recording: 8 bytes <c>SMCREC01</c>, then frames, little-endian, each whole in itself:
/// <c>magic u32 | stored length u32 | raw length u32 | records u32 | arrival of the first record, Unix µs, i64 | body | CRC-32C u32</c>.
/// The body is a zlib stream (RFC 1950) of <c>raw length</c> bytes. The checksum covers everything from the stored length to the end of the body.
/// A record is <c>µs since the record before (zigzag varint) | flags u8 (bits 0–1 QoS, bit 2 retain) | topic length (varint) | topic | payload length (varint) | payload</c>;
/// varints have 7 bits a byte, low ones first.
/// </summary>
internal static class RecordingFormat
{
    public const int FrameHeader = 24;
    public const int Checksum = 4;

    /// <summary>A frame is written when it has this many raw bytes, or when <see cref="RecordingWriter.Flush"/> says so.</summary>
    public const int FrameTarget = 256 * 1024;

    /// <summary>More than a frame can have: the largest message of MQTT is 256 MiB, but nobody records those.</summary>
    public const int FrameMaximum = 64 * 1024 * 1024;

    public static ReadOnlySpan<byte> FileMagic => "SMCREC01"u8;

    public static ReadOnlySpan<byte> FrameMagic => "SMFR"u8;
}
