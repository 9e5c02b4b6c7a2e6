namespace SmartCity.Gateway;

/// <summary>NaN and Infinity, which JSON has not, and which devices send all the same.</summary>
internal static class NotFiniteLiterals
{
    private static ReadOnlySpan<byte> NaN => "NaN"u8;

    private static ReadOnlySpan<byte> Infinity => "Infinity"u8;

    /// <summary>A number that JSON has and a double has not: it is read as infinite, and so refused as what it is.</summary>
    private static ReadOnlySpan<byte> Stand => "1e999"u8;

    /// <summary>A copy with a number in the place of each bare literal; null when there is none.</summary>
    public static byte[]? TryReplace(ReadOnlySpan<byte> payload)
    {
        if (payload.IndexOf(NaN) < 0 && payload.IndexOf(Infinity) < 0) return null;
        var copy = new List<byte>(payload.Length + 16);
        var (inString, replaced) = (false, false);
        for (var i = 0; i < payload.Length; i++)
        {
            var b = payload[i];
            if (inString)
            {
                if (b == (byte)'\\' && i + 1 < payload.Length) copy.Add(payload[i++]);
                else if (b == (byte)'"') inString = false;
            }
            else if (b == (byte)'"')
            {
                inString = true;
            }
            else if (LengthAt(payload[i..]) is var length && length > 0)
            {
                copy.AddRange(Stand);
                i += length - 1;
                replaced = true;
                continue;
            }

            copy.Add(payload[i]);
        }

        return replaced ? [.. copy] : null;
    }

    private static int LengthAt(ReadOnlySpan<byte> text) => text.StartsWith(NaN) ? NaN.Length : text.StartsWith(Infinity) ? Infinity.Length : 0;
}
