namespace SmartCity.Mqtt.Tests;

/// <summary>
/// Every packet type of both versions with all that it may carry, cut short in every place behind an honest remaining length. Only the cuts that leave a
/// whole packet are taken; all others are refused, whole and byte by byte, and nothing is read that is not there.
/// </summary>
public sealed class TruncationTests
{
    private const MqttProtocolVersion V311 = MqttProtocolVersion.V311, V5 = MqttProtocolVersion.V500;
    private const string User = "26 00 01 61 00 02 62 63", Reason = "1F 00 01 78";

    /// <summary>First byte, body in hex, version, and the lengths of the body that are packets.</summary>
    public static TheoryData<byte, string, MqttProtocolVersion, int[]> Packets => new()
    {
        { 0x10, "00 04 4D 51 54 54 04 F6 00 0A 00 01 63 00 01 77 00 02 01 02 00 01 75 00 01 70", V311, [26] },
        { 0x10, $"00 04 4D 51 54 54 05 F6 00 0A 0D 11 00 00 00 05 {User} 00 01 63 0D 18 00 00 00 05 {User} 00 01 77 00 02 01 02 00 01 75 00 01 70", V5, [54] },
        { 0x20, "01 00", V311, [2] },
        { 0x20, $"00 87 11 11 00 00 00 05 {Reason} {User}", V5, [2, 20] },
        { 0x32, "00 01 61 00 05 78 79", V311, [5, 6, 7] },
        { 0x32, $"00 01 61 00 05 19 01 01 02 00 00 00 05 03 00 01 74 09 00 01 00 23 00 01 0B 05 26 00 00 00 00 78 79", V5, [31, 32, 33] },
        { 0x34, $"00 01 61 00 05 0F 02 00 00 00 05 0B 05 {User} 78 79", V5, [21, 22, 23] },
        { 0x40, "00 01", V311, [2] },
        { 0x50, "00 01", V311, [2] },
        { 0x62, "00 01", V311, [2] },
        { 0x70, "00 01", V311, [2] },
        { 0x40, $"00 01 87 0C {Reason} {User}", V5, [2, 3, 16] },
        { 0x50, $"00 01 97 0C {Reason} {User}", V5, [2, 3, 16] },
        { 0x62, $"00 01 92 0C {Reason} {User}", V5, [2, 3, 16] },
        { 0x70, $"00 01 92 0C {Reason} {User}", V5, [2, 3, 16] },
        { 0x82, "00 01 00 03 61 2F 2B 01 00 01 62 02", V311, [8, 12] },
        { 0x82, $"00 01 0A 0B 05 {User} 00 03 61 2F 2B 2D 00 01 62 02", V5, [19, 23] },
        { 0x90, "00 01 00 80", V311, [2, 3, 4] },
        { 0x90, $"00 01 0C {Reason} {User} 01 87", V5, [15, 16, 17] },
        { 0xA2, "00 01 00 03 61 2F 2B 00 01 62", V311, [7, 10] },
        { 0xA2, $"00 01 08 {User} 00 03 61 2F 2B 00 01 62", V5, [16, 19] },
        { 0xB0, "00 01", V311, [2] },
        { 0xB0, $"00 01 0C {Reason} {User} 00 11", V5, [15, 16, 17] },
        { 0xC0, "", V311, [0] },
        { 0xD0, "", V5, [0] },
        { 0xE0, "", V311, [0] },
        { 0xE0, $"82 11 11 00 00 00 05 {Reason} {User}", V5, [0, 1, 19] },
        { 0xF0, $"18 14 15 00 01 6D 16 00 01 01 {Reason} {User}", V5, [0, 1, 22] },
    };

    [Theory]
    [MemberData(nameof(Packets))]
    public void Only_whole_packets_are_taken(byte header, string hex, MqttProtocolVersion version, int[] whole)
    {
        var body = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var parse = HostileInputTests.Parser(header, version);
        var taken = new List<int>();
        for (var length = 0; length <= body.Length; length++)
        {
            byte[] packet = [header, (byte)length, .. body[..length]];

            // Zeros behind the packet would make a reader that goes too far see something.
            byte[] followed = [.. packet, 0, 0, 0, 0];
            var answers = new[] { Judge(packet, 1), Judge(packet, packet.Length), Judge(followed, followed.Length), Judge(followed, 3) };
            Assert.Single(answers.Distinct());
            if (answers[0] is null) taken.Add(length);
            else Assert.True((byte)answers[0]!.ReasonCode is 0x81 or 0x82 or 0x8F or 0x90, $"{answers[0]}");
        }

        Assert.Equal(whole, taken);

        // One byte more than there is.
        Assert.Equal(MqttParseStatus.NeedMore, Wire.Frame(Wire.Split([header, (byte)(body.Length + 1), .. body], 1), version, out _));

        MqttViolation? Judge(byte[] bytes, int segment)
        {
            using var frames = new FrameReader(Wire.Split(bytes, segment), Wire.Limit, version);
            Assert.Equal(MqttParseStatus.Packet, frames.TryRead(out var first, out var rest, out _));
            Assert.Equal(parse((byte)(first & 15), rest, out _, out var violation), violation is null);
            return violation;
        }
    }
}
