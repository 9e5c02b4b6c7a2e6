namespace SmartCity.Storage.Tests;

/// <summary>Copies of databases.</summary>
public sealed class SqliteCopyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead)]
    public void A_copy_may_be_read_by_those_who_may_read_the_source(UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows()) return;
        using (SqliteAccessStore.Open(_folder.Path))
        {
            var source = Path.Combine(_folder.Path, SqliteAccessStore.FileName);
            var target = Path.Combine(_folder.Path, "copy.db");
            File.SetUnixFileMode(source, mode);
            SqliteCopy.To(source, target);
            Assert.Equal(mode, File.GetUnixFileMode(target));
            Assert.True(new FileInfo(target).Length > 0);
        }
    }
}
