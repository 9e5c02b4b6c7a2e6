namespace SmartCity.Storage.Tests;

/// <summary>The same through InfluxDB.Client.</summary>
public sealed class InfluxClientV2WriteTests : InfluxV2WriteTests
{
    private protected override ILineProtocolClient CreateClient(InfluxOptions options) => new InfluxClientWriter(options);
}
