namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The very objects that grains received or returned, by the key of the grain; lives in the process as a service does.</summary>
internal static class Shelf
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, object> s_kept = new();

    public static void Put(string key, object value) => s_kept[key] = value;

    public static object Take(string key) => s_kept[key];
}
