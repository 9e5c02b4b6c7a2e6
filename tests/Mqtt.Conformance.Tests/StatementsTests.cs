using System.Reflection;
using System.Text.RegularExpressions;

namespace SmartCity.Mqtt.Conformance.Tests;

/// <summary>The lists of normative statements and the tests of this project belong together: neither may name what the other does not know.</summary>
public sealed partial class StatementsTests
{
    [Theory]
    [InlineData("3.1.1", "statements-v311.tsv", 138)]
    [InlineData("5.0", "statements-v5.tsv", 251)]
    public void Each_statement_has_its_test_or_the_reason_for_none(string specification, string file, int count)
    {
        var tests = Tests(specification);
        var wrong = new List<string>();
        var listed = new HashSet<string>();
        foreach (var line in Lines(file))
        {
            var fields = line.Split('\t');
            if (fields.Length != 3 || fields.Any(string.IsNullOrWhiteSpace))
            {
                wrong.Add($"Not id, paraphrase and test or reason: {line}");
                continue;
            }

            var (id, covered) = (fields[0], fields[2]);
            if (!listed.Add(id)) wrong.Add($"{id} is listed twice.");
            if (covered.StartsWith("none: ", StringComparison.Ordinal))
            {
                if (tests.TryGetValue(id, out var unexpected)) wrong.Add($"{id} has a reason for no test, but {unexpected.First()} names it.");
            }
            else if (!tests.TryGetValue(id, out var named)) wrong.Add($"No test names {id}; the list says {covered}.");
            else if (!named.Contains(covered)) wrong.Add($"{covered} does not exist or does not name {id}; {named.First()} does.");
        }

        wrong.AddRange(tests.Where(t => !listed.Contains(t.Key)).Select(t => $"{t.Value.First()} names {t.Key}, which the list does not have."));
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        Assert.Equal(count, listed.Count);
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(typeof(StatementsTests).Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => l[0] != '#').ToList();
    }

    /// <summary>Statement to the tests whose display name has it behind the version of its specification.</summary>
    private static Dictionary<string, List<string>> Tests(string specification)
    {
        var found = new Dictionary<string, List<string>>();
        foreach (var method in typeof(StatementsTests).Assembly.GetTypes().SelectMany(t => t.GetMethods()))
        {
            if (method.GetCustomAttribute<FactAttribute>()?.DisplayName is not { } name) continue;
            foreach (Match group in Groups().Matches(name))
            {
                if (group.Groups[1].Value != specification) continue;
                foreach (Match id in Ids().Matches(group.Groups[2].Value))
                {
                    if (!found.TryGetValue(id.Groups[1].Value, out var tests)) found[id.Groups[1].Value] = tests = [];
                    tests.Add($"{method.DeclaringType!.Name}.{method.Name}");
                }
            }
        }

        return found;
    }

    [GeneratedRegex(@"(3\.1\.1|5\.0) ((?:\[MQTT-[0-9.]+-[0-9]+\])+)")]
    private static partial Regex Groups();

    [GeneratedRegex(@"\[(MQTT-[0-9.]+-[0-9]+)\]")]
    private static partial Regex Ids();
}
