using System.Globalization;
using System.Text.Json;
using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>The site plan of a network as a file: one row or feature a cell.</summary>
public static class NetworkPlan
{
    /// <summary>Columns of the CSV file and properties of the GeoJSON features. Angles are degrees, heights m, powers dBm; tilt is the mechanical and the electrical one together.</summary>
    public const string Columns = "ncgi,plmn,band,arfcn,pci,lat,lon,azimuth,tilt,height,power,type,unit";

    /// <summary>Writes the plan as CSV, or as GeoJSON (RFC 7946) when the file's name ends with .geojson or .json.</summary>
    /// <param name="unitOf">The unit in force that a place lies in.</param>
    /// <exception cref="ArgumentException">The file cannot be written; the message says why.</exception>
    public static void Write(RadioNetwork network, string file, Func<UnitInfo, UnitInfo> unitOf)
    {
        try
        {
            using var stream = File.Create(file);
            if (Path.GetExtension(file).ToLowerInvariant() is ".geojson" or ".json") WriteGeoJson(network, stream, unitOf);
            else WriteCsv(network, stream, unitOf);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"--plan {file} cannot be written: {e.Message} Name a file in a folder that is there and yours.", e);
        }
    }

    /// <summary>Writes the plan as CSV.</summary>
    public static void WriteCsv(RadioNetwork network, Stream stream, Func<UnitInfo, UnitInfo> unitOf)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(unitOf);
        using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        text.WriteLine(Columns);
        foreach (var c in network.Cells)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{c.Ncgi},{Plmn(c)},{c.Carrier.Band},{c.Carrier.Arfcn},{c.Pci},{c.Latitude:0.000000},{c.Longitude:0.000000},{c.Azimuth:0},{Tilt(c):0},{c.Site.Height:0},{c.Site.Power:0.#},{Type(c)},{unitOf(c.Unit).Code}"));
        }
    }

    /// <summary>Writes the plan as a GeoJSON feature collection of points.</summary>
    public static void WriteGeoJson(RadioNetwork network, Stream stream, Func<UnitInfo, UnitInfo> unitOf)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(unitOf);
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        foreach (var c in network.Cells)
        {
            json.WriteStartObject();
            json.WriteString("type", "Feature");
            json.WriteStartObject("geometry");
            json.WriteString("type", "Point");
            json.WriteStartArray("coordinates");
            json.WriteNumberValue(Math.Round(c.Longitude, 6));
            json.WriteNumberValue(Math.Round(c.Latitude, 6));
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("properties");
            json.WriteString("ncgi", c.Ncgi);
            json.WriteString("plmn", Plmn(c));
            json.WriteString("band", c.Carrier.Band);
            json.WriteNumber("arfcn", c.Carrier.Arfcn);
            json.WriteNumber("pci", c.Pci);
            json.WriteNumber("azimuth", c.Azimuth);
            json.WriteNumber("tilt", Tilt(c));
            json.WriteNumber("height", c.Site.Height);
            json.WriteNumber("power", c.Site.Power);
            json.WriteString("type", Type(c));
            json.WriteString("unit", unitOf(c.Unit).Code);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Plmn(RadioCell cell) => $"{cell.Operator.Mcc}-{cell.Operator.Mnc}";

    private static double Tilt(RadioCell cell) => cell.MechanicalTilt + cell.ElectricalTilt;

    private static string Type(RadioCell cell) => cell.Site.Type switch { SiteType.Small => "small", SiteType.Rural => "rural", _ => "macro" };
}
