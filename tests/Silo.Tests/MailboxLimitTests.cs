using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace SmartCity.Silo.Tests;

/// <summary>What waits for one grain is bounded, above what the gateway may have under way.</summary>
public sealed class MailboxLimitTests
{
    [Theory]
    [InlineData("8192", 108_192)]
    [InlineData("1", 100_001)]
    [InlineData("2147483647", int.MaxValue)]
    public async Task Every_mailbox_has_a_limit_that_the_gateway_alone_never_reaches(string maxOutstanding, int limit)
    {
        await using var app = Build($"--Gateway:MaxOutstanding={maxOutstanding}");
        Assert.Equal(limit, app.Services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value.MaxEnqueuedRequestsHardLimit);
    }

    [Fact]
    public async Task A_request_that_meets_a_full_mailbox_is_told_to_come_again()
    {
        await using var app = Build();
        using var scope = app.Services.CreateScope();
        var answer = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, Response = { Body = answer } };
        var handler = Assert.Single(app.Services.GetServices<IExceptionHandler>());
        Assert.True(await handler.TryHandleAsync(context, new LimitExceededException("DeviceGrain/s-1 has 108192 calls waiting already"), TestContext.Current.CancellationToken));
        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
        Assert.Contains("DeviceGrain/s-1 has 108192 calls waiting already", System.Text.Encoding.UTF8.GetString(answer.ToArray()), StringComparison.Ordinal);
    }

    private static WebApplication Build(params string[] arguments) =>
        SiloProgram.Build([$"--Mqtt:Port={Ports.Next()}", $"--Http:Port={Ports.Next()}", "--Data=never-opened", .. arguments]);
}
