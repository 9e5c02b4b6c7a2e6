using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SmartCity.Mqtt;

/// <summary>Durability calls that .NET does not offer: flushing data without metadata, and flushing a folder's entries.</summary>
internal static partial class NativeFile
{
    private const int ReadOnlyFlag = 0;

    /// <summary>Makes written data durable; on Linux without the metadata that reading it back does not need.</summary>
    public static void FlushData(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        if (FDataSync(file) != 0) throw Failure("fdatasync");
    }

    /// <summary>Makes a new or deleted file's name durable.</summary>
    public static void FlushFolder(string folder)
    {
        if (!OperatingSystem.IsLinux()) return;
        var descriptor = Open(folder, ReadOnlyFlag);
        if (descriptor < 0) throw Failure("open " + folder);
        try
        {
            if (FSync(descriptor) != 0) throw Failure("fsync " + folder);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string what) => new(what + ": " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
