namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Gives back what it gets.</summary>
public partial interface IShapeGrain : IGrainWithStringKey
{
    const int Most = 3;

    Task<Route> Derived(Route route);

    Task<Gauge> Computed(Gauge gauge);

    Task<Stretch?> Nullable(Stretch? stretch);

    static string KeyOf(int number) => $"shape-{number}";
}

/// <content>What a second file could add.</content>
public partial interface IShapeGrain : IGrainWithStringKey
{
    Task<KeyValuePair<string, List<int>>> Pair(KeyValuePair<string, List<int>> pair);
}
