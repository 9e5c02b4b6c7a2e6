using System.Text;

namespace SmartCity.Simulators;

/// <summary>Opens the text of a log in whatever encoding it is.</summary>
internal static class LogText
{
    /// <summary>A reader for the file: UTF-8, or what its byte order mark or <paramref name="encoding"/> says. The whole file is looked at before anything is made of it.</summary>
    /// <param name="encoding">Null: UTF-8.</param>
    /// <exception cref="ArgumentException">It cannot be read twice, or has bytes that this encoding does not know; the message names the line and what to write instead.</exception>
    public static StreamReader Open(Stream file, string name, Encoding? encoding)
    {
        if (!file.CanSeek) throw new ArgumentException($"{name} is a pipe or a terminal, and a log is read twice; write it into a file first.");
        var strict = encoding ?? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        var text = new StreamReader(file, strict, detectEncodingFromByteOrderMarks: true, bufferSize: 64 * 1024, leaveOpen: true);
        try
        {
            var block = new char[16 * 1024];
            while (text.Read(block) > 0)
            {
                // Reading it is the check.
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new ArgumentException(
                $"{name}, line {Line(file, strict)} is not {strict.WebName}: it has the byte 0x{(e.BytesUnknown is [var first, ..] ? first : 0):X2}. Save it as UTF-8, or say what it is: --encoding windows-1258, windows-1252 or utf-16.", e);
        }

        file.Position = 0;
        return new(file, strict, detectEncodingFromByteOrderMarks: true);
    }

    /// <summary>The line of the first byte that the encoding does not know.</summary>
    private static int Line(Stream file, Encoding encoding)
    {
        file.Position = 0;
        var decoder = encoding.GetDecoder();
        var block = new byte[16 * 1024];
        var chars = new char[encoding.GetMaxCharCount(block.Length)];
        var line = 1;
        for (int read; (read = file.Read(block)) > 0;)
        {
            try
            {
                decoder.GetChars(block, 0, read, chars, 0);
                line += block.AsSpan(0, read).Count((byte)'\n');
            }
            catch (DecoderFallbackException e)
            {
                return line + block.AsSpan(0, Math.Clamp(e.Index, 0, read)).Count((byte)'\n');
            }
        }

        return line;
    }
}
