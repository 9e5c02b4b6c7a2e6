using System.Net;
using Microsoft.AspNetCore.Connections;
using SmartCity.Gateway;
using SmartCity.Grains;
using SmartCity.Mqtt;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>Builds and runs the host.</summary>
public static partial class SiloProgram
{
    private const string Help = """
        SmartCity: city telemetry from an MQTT PUBLISH to a live chart.

          dotnet run --project src/Silo -c Release -- [options]

          --Demo                     simulated devices in all three regions
          --Mqtt:Port 1883           MQTT listener            --Http:Port 8080     dashboard and API
          --Data ./data              folder of everything that is kept
          --Broker:Url URL           also read from an existing MQTT broker, mqtts://user:password@host:8883
          --Influx:Url URL           also write windows to InfluxDB; --Influx:Database city, --Influx:Token, --Influx:Org
          --Window:Seconds 60        size of a window         --Window:LatenessSeconds 120
          --Map:StyleUrl URL         a MapLibre style instead of the built-in base map
          --Access:Mode Required     MQTT clients prove who they are

        Users and rules, also while it runs:
          dotnet run --project src/Silo -c Release -- access --help
        A copy of everything, also while it runs, and back:
          dotnet run --project src/Silo -c Release -- backup /backups/today
          dotnet run --project src/Silo -c Release -- restore /backups/today --data ./data
        The database without its free space, while the server is stopped:
          dotnet run --project src/Silo -c Release -- compact --data ./data
        """;

    /// <summary>Runs until Ctrl+C.</summary>
    /// <returns>0 after a clean stop, 1 when it could not start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        if (args is ["access", ..]) return await AccessCommand.RunAsync(args);
        if (args is ["backup" or "restore" or "compact", ..]) return await BackupCommand.RunAsync(args);
        if (args.Any(a => a is "--help" or "-h" or "-?"))
        {
            await Console.Out.WriteLineAsync(Help);
            return 0;
        }

        try
        {
            await using var app = Build(args);
            await StartAsync(app);
            await app.WaitForShutdownAsync();
            return 0;
        }
        catch (Exception exception) when (exception is StartupException or StoreUnavailableException || exception is InvalidOperationException && exception.Message.StartsWith("Access:", StringComparison.Ordinal))
        {
            await Console.Error.WriteLineAsync("SmartCity cannot start: " + exception.Message);
            return 1;
        }
    }

    /// <summary>Builds the host without starting it.</summary>
    /// <exception cref="StartupException">The configuration cannot be used.</exception>
    public static WebApplication Build(string[] args)
    {
        args = SiloArguments.Normalize(args);
        if (SiloArguments.FindStray(args) is { } stray) throw new StartupException($"'{stray}' is no option; see --help.");
        if (SiloArguments.FindUnknown(args) is { } unknown) throw new StartupException($"'{unknown}' is no option; see --help.");
        if (args.Any(a => a.StartsWith("--Mqtt:Tls:Password", StringComparison.OrdinalIgnoreCase) && !a.StartsWith("--Mqtt:Tls:PasswordFile", StringComparison.OrdinalIgnoreCase)))
            throw new StartupException("Mqtt:Tls:Password is on the command line, which every user of this machine can read; write it in the environment variable Mqtt__Tls__Password, or in a file named by Mqtt:Tls:PasswordFile.");
        // Files come from beside the program, so that it runs from any folder; the data folder is relative to where it was started.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory, WebRootPath = "wwwroot" });
        var options = SiloOptions.Read(builder.Configuration);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        // Why a start failed is said in one line by RunAsync; the host would add stack traces.
        var started = false;
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => Volatile.Read(ref started) && level >= LogLevel.Warning);
        builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System).AddSmartCityTelemetry().AddHostedService<MemoryTrimmer>();
        if (options.Cluster.IsShared) builder.AddClusterParts(options);
        else
        {
            builder.AddGrainHost(options);
            builder.Services
                .AddSmartCityStorage(new StorageOptions
                {
                    DataFolder = options.DataFolder,
                    WindowSeconds = options.Window.Seconds,
                    SettleSeconds = options.Window.LatenessSeconds + options.Window.GraceSeconds + options.Window.SpreadSeconds,
                    Retention = options.Retention,
                    Raw = options.Raw,
                    Influx = options.Influx,
                })
                .AddSmartCityGateway(options.Gateway, options.Intake, options.Window.Seconds, options.Broker)
                .AddSmartCityGrains(options.Window)
                .AddSingleton<ICommitState, LocalCommitState>();
        }

        if (!options.Cluster.HasGateway) return BuildHost(builder, options);
        builder.Services
            .AddSingleton(options.Limits)
            .AddSmartCityAccess(options.Access, options.DataFolder, create => AccessFile.Open(options.DataFolder, create))
            .AddMqttBroker()
            .AddSmartCityLive()
            .AddSmartCityApi();
        if (options.Demo) builder.Services.AddHostedService<DemoService>();
        var fewerFiles = OpenFileLimit.Apply(options.Limits, OpenFileLimit.Read());
        builder.AddMqttListeners(options.Mqtt);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var address in options.HttpAddresses) kestrel.Listen(address, options.HttpPort);
            MqttListeners.Listen(kestrel, options.Mqtt);
        });

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => Volatile.Write(ref started, true));
        if (fewerFiles is not null) LogFewerFiles(app.Logger, fewerFiles);
        app.UseMqttWebSockets();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseSmartCityDashboard();
        app.MapSmartCityApi();
        app.MapSmartCityLive();
        app.MapSmartCityTelemetry();
        return app;
    }

    /// <summary>A process that hosts grains and nothing else: health and metrics over HTTP.</summary>
    private static WebApplication BuildHost(WebApplicationBuilder builder, SiloOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var address in options.HttpAddresses) kestrel.Listen(address, options.HttpPort);
        });
        var app = builder.Build();
        app.MapHostHealth();
        app.MapSmartCityTelemetry();
        return app;
    }

    private static string Endpoints(MqttListenOptions mqtt) => string.Join(", ", new[]
    {
        mqtt.Port > 0 ? $"{Host(mqtt.PlainAddresses)}:{mqtt.Port}" : null,
        mqtt.Tls.IsOn ? $"mqtts://{Host(mqtt.Addresses)}:{mqtt.Tls.Port}" : null,
        mqtt.WebSocketPort > 0 ? $"ws://{Host(mqtt.PlainAddresses)}:{mqtt.WebSocketPort}{MqttListeners.Path}" : null,
        mqtt.Tls is { IsOn: true, WebSocketPort: > 0 } ? $"wss://{Host(mqtt.Addresses)}:{mqtt.Tls.WebSocketPort}{MqttListeners.Path}" : null,
    }.Where(e => e is not null));

    private static string Host(IReadOnlyList<IPAddress> addresses) =>
        addresses.Any(IPAddress.IsLoopback) ? "localhost" : addresses[0] is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } v6 ? $"[{v6}]" : addresses[0].ToString();

    private static IEnumerable<(string Key, int Port)> Ports(SiloOptions options) =>
    [
        ("Mqtt:Port", options.Mqtt.Port), ("Mqtt:WebSocketPort", options.Mqtt.WebSocketPort),
        ("Mqtt:Tls:Port", options.Mqtt.Tls.Port), ("Mqtt:Tls:WebSocketPort", options.Mqtt.Tls.WebSocketPort),
        ("Http:Port", options.HttpPort),
    ];

    private static bool Names(string message, int port) =>
        port > 0 && (message.Contains($":{port}:", StringComparison.Ordinal) || message.Contains($":{port} ", StringComparison.Ordinal) || message.EndsWith($":{port}", StringComparison.Ordinal));

    [LoggerMessage(7013, LogLevel.Warning, "{Problem}")]
    private static partial void LogFewerFiles(ILogger logger, string problem);

    private static async Task StartAsync(WebApplication app)
    {
        var options = app.Services.GetRequiredService<SiloOptions>();
        try
        {
            if (options.Cluster.HasGateway) WindowSizeFile.Check(options);
            await app.StartAsync();
            if (options.Cluster.HasGateway) WindowSizeFile.Write(options);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            var (key, port) = Ports(options).First(p => Names(exception.Message, p.Port) || p.Key == "Http:Port");
            throw new StartupException($"port {port} is taken by another program. Stop that program, or choose another port with --{key} {port + 1}.", exception);
        }
        catch (System.Net.Sockets.SocketException exception)
        {
            throw new StartupException($"cannot listen on ports {options.MqttPort} and {options.HttpPort}: {exception.Message}. Choose others with --Mqtt:Port and --Http:Port.", exception);
        }

        if (!options.Cluster.HasGateway)
        {
            await Console.Out.WriteLineAsync($"SmartCity is ready. A host of grains of the cluster '{options.Cluster.Id}'. Health: http://{Host(options.HttpAddresses)}:{options.HttpPort}/healthz/ready");
            return;
        }

        await Console.Out.WriteLineAsync($"SmartCity is ready. Dashboard: http://{Host(options.HttpAddresses)}:{options.HttpPort}/   MQTT: {(Endpoints(options.Mqtt) is { Length: > 0 } endpoints ? endpoints : "reading from Broker:Url only")}");
    }
}
