using System.Text.RegularExpressions;

namespace SmartCity.Gateway;

/// <summary>What may be the name of a user: none of it means anything in a topic, a log or a file name.</summary>
public static partial class UserNames
{
    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9._:@-]{1,128}\z")]
    private static partial Regex Pattern();
}
