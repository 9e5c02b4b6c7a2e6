using System.IO.Compression;

namespace SmartCity.Simulators;

/// <summary>Compressed files that other programs read, too.</summary>
internal static class GzipFile
{
    /// <summary>A member of RFC 1952 without data.</summary>
    private static readonly byte[] s_empty = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Closes a stream. One that nothing was written to would leave no bytes at all, which is no gzip.</summary>
    public static void Close(GZipStream stream, bool isEmpty)
    {
        if (isEmpty) stream.BaseStream.Write(s_empty);
        stream.Dispose();
    }
}
