using System.Globalization;

namespace Orleans;

/// <summary>How long callers of this method wait for its answer, instead of what <see cref="Configuration.SiloMessagingOptions.ResponseTimeout"/> says.</summary>
/// <param name="timeout">A time span: <c>00:05:00</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    public TimeSpan? Timeout { get; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
}
