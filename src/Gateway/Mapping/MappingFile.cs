using System.Text.Json;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>The mappings of a gateway on its disk. They are of this gateway's log, so they are kept beside it.</summary>
internal sealed class MappingFile(string path)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for people to read; no page shows it
    };


    /// <exception cref="StoreUnavailableException">The file is damaged or cannot be read.</exception>
    public IReadOnlyList<MappingRule> Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<List<MappingRule>>(File.ReadAllBytes(path), s_json) ?? throw new JsonException("it holds null") : [];
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The mappings in '{path}' cannot be read ({error.Message}): restore the file from a backup. Without it, messages that are replayed would be read otherwise than before.", error);
        }
    }

    /// <summary>Replaces the file; when this returns, the new one is on disk.</summary>
    public void Write(IReadOnlyList<MappingRule> rules)
    {
        var next = path + ".new";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, rules, s_json);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
        NativeFile.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!); // a name is durable when its folder is
    }
}
