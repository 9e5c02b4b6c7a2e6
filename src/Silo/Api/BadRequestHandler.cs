using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Orleans.Runtime;

namespace SmartCity.Silo;

/// <summary>Turns exceptions into problem details (RFC 9457) that say what was wrong.</summary>
internal sealed class BadRequestHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, title) = exception switch
        {
            BadRequestException => (StatusCodes.Status400BadRequest, "Bad request"),
            BadHttpRequestException bad => (bad.StatusCode, "Bad request"),
            StoreUnavailableException => (StatusCodes.Status503ServiceUnavailable, "The store is away"),
            _ when GrainHost.IsAway(exception) => (StatusCodes.Status503ServiceUnavailable, "A host of grains is away"),
            TimeoutException or LimitExceededException => (StatusCodes.Status503ServiceUnavailable, "Busy"),
            _ => (0, string.Empty),
        };
        if (status == 0) return new(false);
        httpContext.Response.StatusCode = status;
        return problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            Exception = exception,
            ProblemDetails = new ProblemDetails { Status = status, Title = title, Detail = exception.Message },
        });
    }
}
