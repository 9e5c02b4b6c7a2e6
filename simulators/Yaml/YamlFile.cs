using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SmartCity.Simulators;

/// <summary>Reads values of a YAML file that people wrote. What is wrong is said with file and line, and with what would be right.</summary>
/// <param name="name">Of the file, for messages.</param>
internal sealed class YamlFile(string name)
{
    /// <summary>The mapping that the file is.</summary>
    /// <param name="example">What such a file looks like, for who wrote something else.</param>
    /// <exception cref="ArgumentException">It is no YAML, or no mapping.</exception>
    public YamlMappingNode Root(string text, string example)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new ArgumentException($"{name}, line {e.Start.Line}: this is no YAML: {e.Message}");
        }

        return stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root ? root : throw new ArgumentException($"{name}, line 1: {example}");
    }

    /// <summary>The entries of a mapping, all of which must be known.</summary>
    public IEnumerable<(string Key, YamlNode Value)> Entries(YamlNode node, IReadOnlyList<string> known)
    {
        if (node is not YamlMappingNode mapping) throw Wrong(node, $"here must be 'name: value' lines; known names: {string.Join(", ", known)}.");
        foreach (var (keyNode, value) in mapping.Children)
        {
            var key = (keyNode as YamlScalarNode)?.Value ?? string.Empty;
            if (!known.Contains(key)) throw Wrong(keyNode, $"there is no '{key}' here; did you mean '{Nearest.Of(key, known)}'? Known: {string.Join(", ", known)}.");
            yield return (key, value);
        }
    }

    public IEnumerable<YamlNode> Sequence(YamlNode node, string key) =>
        node is YamlSequenceNode sequence ? sequence.Children : throw Wrong(node, $"'{key}' must be a list: [a, b], or lines that begin with '- '.");

    public string Text(YamlNode node, string key) => node is YamlScalarNode { Value: { Length: > 0 } text } ? text : throw Wrong(node, $"'{key}' must have one value.");

    /// <summary>One of some known words.</summary>
    public string Known(YamlNode node, string key, IReadOnlyList<string> known)
    {
        var text = Text(node, key);
        return known.Contains(text) ? text : throw Wrong(node, $"'{key}' has '{text}'; did you mean '{Nearest.Of(text, known)}'? Known: {string.Join(", ", known)}.");
    }

    public double Number(YamlNode node, string key) =>
        double.TryParse(Text(node, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value : throw Wrong(node, $"'{key}' is '{Text(node, key)}'; write a number, such as 0.5.");

    public double Ranged(YamlNode node, string key, double from, double to) =>
        Number(node, key) is var value && value >= from && value <= to
            ? value : throw Wrong(node, string.Create(CultureInfo.InvariantCulture, $"'{key}' is {value}; it must be {from} to {to}."));

    /// <summary>A value that a parser of the program's own reads; its message is told with file and line.</summary>
    public T Parsed<T>(YamlNode node, string key, Func<string, T> parse)
    {
        try
        {
            return parse(Text(node, key));
        }
        catch (ArgumentException e)
        {
            throw Wrong(node, e.Message);
        }
    }

    /// <summary>Where a node is, for messages.</summary>
    public string Place(YamlNode node) => $"{name}, line {node.Start.Line}";

    public ArgumentException Wrong(YamlNode node, string what) => new($"{Place(node)}: {what}");
}
