namespace SmartCity.Silo.Tests;

/// <summary>One host for all tests of a class, with windows of one second that are stored as soon as they have ended.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    public SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Silo = await SiloProcess.StartAsync("--Window:Seconds=1", "--Window:GraceSeconds=0", "--Window:SpreadSeconds=0");

    public ValueTask DisposeAsync() => Silo is null ? ValueTask.CompletedTask : Silo.DisposeAsync();
}
