using System.CommandLine;

namespace SmartCity.Simulators;

/// <summary>The <c>city</c> command: a simulated city against any broker.</summary>
internal static class CityCommand
{
    public static Command Create()
    {
        var defaults = new CityOptions();
        var command = new Command("city", """
            Simulates sensors, 5G cells and drive tests, and publishes what they measure.

            Examples:
              city                                          300 devices, 100 messages a second, all regions
              city --url mqtt://broker:1883 --devices 5000 --rate 2000
              city --url mqtts://broker --ca-file ca.pem --user city       the password in SMARTCITY_MQTT_PASSWORD
              city --regions bac,nam --seed 7 --duration 60
              city --speed 144 --fault all --truth /tmp/truth    a day in ten minutes with every fault; then: audit --truth /tmp/truth
              city --scenario typhoon --scenario power-cut       a storm, and a ward without electricity
              city --scenario typhoon,from=+5m,for=8h,units=dn+hue,strength=0.5
              city --fault duplicate=0.01,loss=0.05              only these faults
            """);
        var flags = new CityFlags("How many times faster than the clock the city lives; the day ends now");
        var devices = new Option<int>("--devices", "-d") { Description = "Devices in total", DefaultValueFactory = _ => defaults.Devices };
        var rate = new Option<double>("--rate", "-r") { Description = "Messages a second in total", DefaultValueFactory = _ => defaults.Rate };
        var granularity = new Option<int?>("--granularity", "-g")
        {
            Description = $"Granularity period of the cells' counters in seconds: {string.Join(", ", NetworkOptions.Granularities)}; without it a message covers the time since the cell's last one",
        };
        Option[] all = [devices, rate, granularity, .. flags.All];
        foreach (var option in all) command.Options.Add(option);
        command.SetAction((parsed, stop) => CommonOptions.GuardAsync(async () =>
        {
            var (city, run) = flags.Read(parsed, defaults with { Devices = parsed.GetValue(devices), Rate = parsed.GetValue(rate), Granularity = parsed.GetValue(granularity) });
            return await flags.RunAsync(parsed, city, run, stop).ConfigureAwait(false);
        }, stop));
        return command;
    }
}
