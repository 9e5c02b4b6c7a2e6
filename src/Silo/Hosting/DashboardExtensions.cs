using Microsoft.Extensions.FileProviders;

namespace SmartCity.Silo;

/// <summary>Serves the built dashboard. Its pages have addresses of their own, all answered by the one index.html.</summary>
internal static class DashboardExtensions
{
    private static readonly string[] s_notPages = ["/api", "/live", "/openapi", "/metrics", "/healthz"];

    public static void UseSmartCityDashboard(this WebApplication app)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        var index = Path.Combine(folder, "index.html");
        if (!File.Exists(index))
        {
            app.MapGet("/", () => Results.Text("The dashboard was not built (BuildDashboard=false). The API is at /openapi/v1.json."));
            return;
        }

        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            // Names under assets/ carry a hash of the content; everything else may change with the next build.
            OnPrepareResponse = context => context.Context.Response.Headers.CacheControl =
                context.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache",
        });
        app.UseRouting(); // behind the static files, which leave alone what a route has already matched
        // Any path, since device ids have dots; reading only, so that a POST to a route of the API still gets its 405.
        app.MapMethods("{**path}", [HttpMethods.Get, HttpMethods.Head], async context =>
        {
            var isPage = !s_notPages.Any(p => context.Request.Path.StartsWithSegments(p))
                && !Path.HasExtension(context.Request.Path) | context.Request.Path.StartsWithSegments("/devices");
            if (!isPage)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.Headers.CacheControl = "no-cache";
            if (HttpMethods.IsGet(context.Request.Method)) await context.Response.SendFileAsync(index);
        }).WithOrder(int.MaxValue).ExcludeFromDescription();
    }
}
