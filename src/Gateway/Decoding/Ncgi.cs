namespace SmartCity.Gateway;

/// <summary>NR cell global identities, written MCC-MNC-NCI with the NCI as nine hex digits (TS 23.003, 36 bits): <c>452-04-0A1B2C3D4</c>.</summary>
public static class Ncgi
{
    public const string Format = "MCC-MNC-NCI: three digits, two or three digits, nine hex digits, such as 452-04-0A1B2C3D4";

    private const int NciDigits = 9;

    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.Length is not (16 or 17) || text[3] != (byte)'-' || text[^(NciDigits + 1)] != (byte)'-') return false;
        foreach (var c in text[..3])
        {
            if (!char.IsAsciiDigit((char)c)) return false;
        }

        foreach (var c in text[4..^(NciDigits + 1)])
        {
            if (!char.IsAsciiDigit((char)c)) return false;
        }

        foreach (var c in text[^NciDigits..])
        {
            if (!char.IsAsciiHexDigit((char)c)) return false;
        }

        return true;
    }

    /// <summary>MCC-MNC of a valid identity.</summary>
    public static string PlmnOf(string ncgi)
    {
        ArgumentNullException.ThrowIfNull(ncgi);
        return ncgi[..ncgi.LastIndexOf('-')];
    }
}
