using System.Diagnostics;
using System.Globalization;

namespace SmartCity.Mqtt.Fuzz;

/// <summary>Fuzzing by hand: <c>dotnet run --project tests/Mqtt.Fuzz.Tests -c Release -- --seconds 3600 --seed 7</c>.</summary>
internal static class FuzzProgram
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args[0] == "--write-corpus")
        {
            Corpus.Write(args[1]);
            return 0;
        }

        var seconds = double.Parse(args[1], CultureInfo.InvariantCulture);
        var seed = args is [_, _, "--seed", var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 1;
        var clock = Stopwatch.StartNew();
        var parser = new ParserFuzzer(seed);
        var broker = new BrokerFuzzer(seed);
        try
        {
            for (var minute = 1; clock.Elapsed.TotalSeconds < seconds; minute++)
            {
                // Four fifths of each minute go to the parser, which is a thousand times as fast, the rest to whole brokers.
                var rest = Math.Min(60, seconds - clock.Elapsed.TotalSeconds);
                parser.Run(TimeSpan.FromSeconds(rest * 0.8));
                await broker.RunAsync(TimeSpan.FromSeconds(rest * 0.2));
                Console.WriteLine($"{clock.Elapsed:hh\\:mm\\:ss}  parser {parser.Inputs:n0} inputs ({parser.Packets:n0} packets taken, {parser.Refused:n0} inputs refused), broker {broker.Connections:n0} connections");
            }

            return 0;
        }
        catch (FuzzFindingException finding)
        {
            Console.Error.WriteLine(finding.Message);
            return 1;
        }
    }
}
