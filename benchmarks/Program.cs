using SmartCity.Benchmarks;

// Every benchmark starts the real host as a process of its own and drives it over a socket, as devices would.
const string Usage = """
    dotnet run --project benchmarks -c Release -- <command> [options]
      path    readings per second through the whole path: QoS 1, durable, windows stored   --messages 2000000 --devices 10000 --connections 16 --in-flight 64 --metrics 1
      mqtt    the gateway beside Debian's mosquitto: QoS 1, QoS 0, with a subscriber, latency   --messages 2000000 --devices 10000 --connections 16 --in-flight 64
      latency PUBACK latency of durable QoS 1 at 2,000 to 140,000 messages/s                 --devices 10000 --connections 16
      idle    resident memory per idle connection, and the message rate beside them             --connections 50000
      grains  the grain host by itself: calls, activations, memory of a million grains        --devices 1000000
      lines   windows as line protocol on one core: fields per second, bytes allocated
      influx  processor time per stored point, the host's beside that of InfluxDB             --devices 20000 --metrics 1
      outage  InfluxDB away under load: the host's memory, and the time to catch up             --minutes 60 --devices 10000 --metrics 1
      recovery  time until a killed host accepts messages, and readings replayed per second      --messages 2000000 --devices 10000 --metrics 1
      tick    closing the windows of a million device grains, and readings beside it, without a store   --devices 1000000 --metrics 1
      scale   processor time per message with a million devices beside ten thousand             --devices 1000000 --messages 4000000 --metrics 1
      live    live managed bytes per device, the host in this process                       --devices 100000 --metrics 3
      memory  resident memory per device                                                    --devices 100000 --metrics 3
    """;
if (args.Length == 0)
{
    Console.WriteLine(Usage);
    return 2;
}

var options = BenchmarkOptions.Parse(args[1..]);
switch (args[0])
{
    case "path":
        return await PathBenchmark.RunAsync(options);
    case "mqtt":
        return await MqttBenchmark.RunAsync(options);
    case "latency":
        return await LatencyBenchmark.RunAsync(options);
    case "grains":
        return await GrainsBenchmark.RunAsync(options);
    case "idle":
        return await IdleBenchmark.RunAsync(options);
    case "lines":
        return LinesBenchmark.Run();
    case "influx":
        return await InfluxBenchmark.RunAsync(options);
    case "outage":
        return await OutageBenchmark.RunAsync(options);
    case "recovery":
        return await RecoveryBenchmark.RunAsync(options);
    case "tick":
        return await TickBenchmark.RunAsync(options);
    case "scale":
        return await ScaleBenchmark.RunAsync(options);
    case "live":
        return await LiveBenchmark.RunAsync(options);
    case "memory":
        return await MemoryBenchmark.RunAsync(options);
    default:
        Console.Error.WriteLine($"'{args[0]}' is no command.\n{Usage}");
        return 2;
}
