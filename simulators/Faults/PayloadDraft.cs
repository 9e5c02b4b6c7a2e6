using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SmartCity.Simulators;

/// <summary>A payload taken apart into its fields, changed, and put together again. Numbers keep the text that they had.</summary>
internal sealed class PayloadDraft
{
    private static readonly string[] s_reserved = ["ts", "seq", "lat", "lon", "ncgi"];

    private PayloadDraft(List<(string Name, string Raw)> fields) => Fields = fields;

    /// <summary>Names with their values as JSON text.</summary>
    public List<(string Name, string Raw)> Fields { get; }

    /// <summary>Metrics with their values.</summary>
    public IEnumerable<(string Name, double Value)> Metrics =>
        Fields.Where(f => !s_reserved.Contains(f.Name) && f.Raw[0] != '"').Select(f => (f.Name, double.Parse(f.Raw, CultureInfo.InvariantCulture)));

    /// <summary>Where a message with an NCGI was measured; null for others.</summary>
    public TruthPlace? Place => Find("ncgi") is { } ncgi && Find("lat") is { } latitude && Find("lon") is { } longitude
        ? new(double.Parse(latitude, CultureInfo.InvariantCulture), double.Parse(longitude, CultureInfo.InvariantCulture), ncgi[1..ncgi.LastIndexOf('-')])
        : null;

    public static PayloadDraft Parse(ReadOnlyMemory<byte> payload)
    {
        var fields = new List<(string, string)>(16);
        using var json = JsonDocument.Parse(payload);
        foreach (var field in json.RootElement.EnumerateObject()) fields.Add((field.Name, field.Value.GetRawText()));
        return new(fields);
    }

    public void Set(string name, string raw)
    {
        var at = Fields.FindIndex(f => f.Name == name);
        if (at < 0) Fields.Add((name, raw));
        else Fields[at] = (name, raw);
    }

    public void Set(string name, long value) => Set(name, value.ToString(CultureInfo.InvariantCulture));

    public void Set(string name, double value) => Set(name, value.ToString("R", CultureInfo.InvariantCulture));

    private string? Find(string name) => Fields.Find(f => f.Name == name).Raw;

    public void Remove(string name) => Fields.RemoveAll(f => f.Name == name);

    public byte[] ToBytes()
    {
        var text = new StringBuilder(256).Append('{');
        foreach (var (name, raw) in Fields)
        {
            if (text.Length > 1) text.Append(',');
            text.Append('"').Append(name).Append("\":").Append(raw);
        }

        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }
}
