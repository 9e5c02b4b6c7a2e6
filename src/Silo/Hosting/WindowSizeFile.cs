using System.Globalization;

namespace SmartCity.Silo;

/// <summary>
/// Remembers the window size beside the data. With another size the same reading would fall into another window, and a resent one would count
/// again, so a folder keeps the size that it was begun with.
/// </summary>
internal static class WindowSizeFile
{
    private const string Name = "window.seconds";

    /// <exception cref="StartupException">The folder was begun with another size.</exception>
    public static void Check(SiloOptions options)
    {
        var path = Path.Combine(options.DataFolder, Name);
        if (!File.Exists(path) || !int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds == options.Window.Seconds) return;
        throw new StartupException($"the data in '{options.DataFolder}' has windows of {seconds} s and Window:Seconds is {options.Window.Seconds}. Set Window:Seconds to {seconds}, or choose another folder with --Data.");
    }

    /// <summary>Called once the store is open, so the folder is there and ours.</summary>
    public static void Write(SiloOptions options)
    {
        var path = Path.Combine(options.DataFolder, Name);
        if (!File.Exists(path)) File.WriteAllText(path, options.Window.Seconds.ToString(CultureInfo.InvariantCulture));
    }
}
