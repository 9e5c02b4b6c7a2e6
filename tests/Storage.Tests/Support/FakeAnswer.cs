using System.Text;

namespace SmartCity.Storage.Tests;

/// <summary>What a server answers: bytes, and whether the connection ends behind them.</summary>
internal sealed record FakeAnswer(byte[] Bytes, bool Closes = false)
{
    public static FakeAnswer Empty(int status, string headers = "") => new(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Said\r\n{(status == 204 ? "" : "Content-Length: 0\r\n")}{headers}\r\n"));

    public static FakeAnswer Json(int status, string body) => Of(status, "application/json", body);

    public static FakeAnswer Text(int status, string body, string headers = "") => Of(status, "text/plain", body, headers);

    public static FakeAnswer Html(int status, string body) => Of(status, "text/html; charset=utf-8", body);

    /// <summary>Bytes that are no HTTP.</summary>
    public static FakeAnswer Raw(string text) => new(Encoding.UTF8.GetBytes(text), true);

    /// <summary>The connection ends without an answer.</summary>
    public static FakeAnswer Nothing { get; } = new([], true);

    private static FakeAnswer Of(int status, string type, string body, string headers = "") =>
        new(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} Said\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}"));
}
