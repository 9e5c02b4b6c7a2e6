namespace SmartCity.Simulators;

/// <summary>What <c>network --plan --json</c> prints.</summary>
/// <param name="Checks">Of the plan, then at each time at which a scenario lets cells send the PCI of another.</param>
internal sealed record PlanSummary(string File, int Sites, int Cells, int Cities, IReadOnlyList<PlanSummary.Check> Checks)
{
    public static PlanSummary Of(string file, RadioNetwork network, long startMs, IEnumerable<RadioProblem> problems) => new(
        file,
        network.Sites.Count,
        network.Cells.Count,
        network.Cities.Count,
        [Check.Of(null, PciCheck.Run(network), startMs, network), .. problems.Select(p => Check.Of(p.Cause, PciCheck.Run(network, new(p.FromMs)), p.FromMs, network))]);

    /// <summary>What is wrong with the PCIs at a time.</summary>
    /// <param name="Cause">The scenario; null for the plan.</param>
    internal sealed record Check(DateTimeOffset At, string? Cause, IReadOnlyList<Pair> Collisions, IReadOnlyList<Pair> Confusions, IReadOnlyList<Pair> Mod3)
    {
        public static Check Of(string? cause, PciReport report, long ms, RadioNetwork network)
        {
            return new(DateTimeOffset.FromUnixTimeMilliseconds(ms), cause, Pairs(report.Collisions), Pairs(report.Confusions), Pairs(report.Mod3));

            List<Pair> Pairs(IEnumerable<PciClash> clashes) =>
                [.. clashes.Select(c => new Pair(c.First.Ncgi, c.Second.Ncgi, c.First.Carrier.Arfcn, network.Pci(c.First, new(ms)), network.Pci(c.Second, new(ms)), c.Between?.Ncgi))];
        }
    }

    /// <summary>Two cells on one carrier whose PCIs clash.</summary>
    /// <param name="Between">The cell that both are neighbours of; null but for a confusion.</param>
    internal sealed record Pair(string First, string Second, int Arfcn, int FirstPci, int SecondPci, string? Between);
}
