using System.Text;

namespace SmartCity.Simulators;

/// <summary>Opens the text of a log in whatever encoding it is.</summary>
internal static class LogText
{
    /// <summary>A reader for the file: UTF-8, or what its byte order mark or <paramref name="encoding"/> says. The whole file is looked at before anything is made of it.</summary>
    /// <param name="encoding">Null: UTF-8.</param>
    /// <exception cref="ArgumentException">It has bytes that this encoding does not know; the message names the line and what to write instead.</exception>
    public static StreamReader Open(Stream file, string name, Encoding? encoding)
    {
        var strict = encoding ?? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        var text = new StreamReader(file, strict, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024, leaveOpen: true);
        var line = 1;
        try
        {
            var block = new char[16 * 1024];
            for (int read; (read = text.Read(block)) > 0;) line += block.AsSpan(0, read).Count('\n');
        }
        catch (DecoderFallbackException e)
        {
            throw new ArgumentException(
                $"{name} is not {strict.WebName}: byte 0x{(e.BytesUnknown is [var first, ..] ? first : 0):X2} behind line {line}. Save it as UTF-8, or say what it is: --encoding windows-1258, windows-1252 or utf-16.", e);
        }

        file.Position = 0;
        return new(file, strict, detectEncodingFromByteOrderMarks: true);
    }
}
