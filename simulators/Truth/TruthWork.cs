namespace SmartCity.Simulators;

/// <summary>Works through a truth part by part, so that its length does not count in memory.</summary>
internal sealed class TruthWork(string folder, AnswerRules rules)
{
    /// <summary>Readings whose areas are worked out at once.</summary>
    private const long ReadingsAtOnce = 400_000;

    private const int MaxPasses = 32;

    /// <summary>Ledger of every part, with the windows of its devices.</summary>
    public IEnumerable<TruthAnswers> Ledgers() => Parts(() => new TruthAnswers(rules, [rules.WindowMs]));

    /// <summary>Windows and rollups of the devices of every part; what lies across parts goes into <paramref name="coverage"/> and <paramref name="alarms"/>.</summary>
    public IEnumerable<TruthAnswers> Devices(CoverageAnswers coverage, AlarmAnswers? alarms = null) => Parts(() => new TruthAnswers(rules, rules.Steps) { Coverage = coverage, Alarms = alarms });

    /// <summary>How often the truth is read for the areas of so many readings.</summary>
    public static int PassesFor(long readings) => (int)Math.Clamp(readings / ReadingsAtOnce, 1, MaxPasses);

    /// <summary>Windows and rollups of areas, a share of them in each pass.</summary>
    public IEnumerable<AnswerTable> Areas(int passes)
    {
        for (var pass = 0; pass < passes; pass++)
        {
            var (areas, mine) = (new AnswerTable(rules.Steps), pass);
            foreach (var _ in Parts(() => new TruthAnswers(rules, []) { Areas = areas, WantedAreas = s => TruthFiles.PartOf(s) % passes == mine }))
            {
                // Each part adds to the table.
            }

            yield return areas;
        }
    }

    private IEnumerable<TruthAnswers> Parts(Func<TruthAnswers> make)
    {
        for (var part = 0; part < TruthFiles.Parts; part++) yield return make().Work(TruthFiles.Read(folder, part));
    }
}
