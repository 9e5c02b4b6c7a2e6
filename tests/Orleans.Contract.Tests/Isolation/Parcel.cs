namespace SmartCity.Orleans.Contract.Tests;

/// <summary>A mutable message with everything nested in it.</summary>
[GenerateSerializer]
[Alias("SmartCity.Contract.Parcel")]
public sealed class Parcel
{
    [Id(0)]
    public Part Part { get; set; } = new();

    [Id(1)]
    public Part? Other { get; set; }

    [Id(2)]
    public List<Part> List { get; set; } = [];

    [Id(3)]
    public Part[] Array { get; set; } = [];

    [Id(4)]
    public Dictionary<string, Part> Map { get; set; } = [];

    [Id(5)]
    public List<int[]> Numbers { get; set; } = [];

    [Id(6)]
    public Parcel? Inner { get; set; }

    [Id(7)]
    public Label? Label { get; set; }

    [Id(8)]
    public HashSet<string> Set { get; set; } = [];

    public static Parcel Of(string name) => new()
    {
        Part = new Part { Name = name },
        Other = new NumberedPart { Name = name, Number = 7 },
        List = [new Part { Name = name }],
        Array = [new Part { Name = name }],
        Map = new() { ["key"] = new Part { Name = name } },
        Numbers = [[1, 2]],
        Inner = new Parcel { Part = new Part { Name = name } },
        Label = new Label(name),
        Set = [name],
    };

    /// <summary>Changes it in every place.</summary>
    public void Spoil()
    {
        foreach (var part in new[] { Part, Other, List[0], Array[0], Map["key"], Inner?.Part }) part?.Name = "spoilt";
        List.Add(new Part { Name = "spoilt" });
        Array[0] = new Part { Name = "spoilt" };
        Map["another"] = new Part { Name = "spoilt" };
        Numbers[0][0] = -1;
        Set.Add("spoilt");
    }

    /// <summary>All of it as text.</summary>
    public override string ToString() =>
        $"{Part.Name} {Other?.GetType().Name}:{Other?.Name}:{(Other as NumberedPart)?.Number} [{string.Join(",", List.Select(p => p.Name))}] [{string.Join(",", Array.Select(p => p.Name))}] "
        + $"{{{string.Join(",", Map.Select(m => $"{m.Key}={m.Value.Name}"))}}} [{string.Join(";", Numbers.Select(n => string.Join(",", n)))}] "
        + $"({Inner?.Part.Name}) {Label?.Text} [{string.Join(",", Set)}]";
}
