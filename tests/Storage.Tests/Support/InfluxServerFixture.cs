namespace SmartCity.Storage.Tests;

/// <summary>What xunit needs to make it a fixture; apart, because the benchmarks start influxd too and know no xunit.</summary>
public sealed partial class InfluxServer : IAsyncLifetime;
