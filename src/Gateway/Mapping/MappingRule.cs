namespace SmartCity.Gateway;

/// <summary>Puts messages right that do not come as the platform expects them: another topic, other names of fields. Counts from one record of the intake log to another.</summary>
/// <param name="Id">Name of the rule, such as <c>m3</c>.</param>
/// <param name="Filter">MQTT topic filter of the messages, with <c>+</c> and <c>#</c>.</param>
/// <param name="To">The topic to read instead; <c>{1}</c>, <c>{2}</c>… stand for what the wildcards of <paramref name="Filter"/> matched. Null: the topic as it is.</param>
/// <param name="Rename">New names of fields by their old ones; null: none.</param>
/// <param name="From">First record of the log that it counts for.</param>
/// <param name="Until">First record that it does not count for any more; <see cref="long.MaxValue"/> while it is in force.</param>
/// <param name="CreatedMs">When it was made; Unix milliseconds.</param>
/// <param name="EndedMs">When it was deleted or replaced; null while it is in force.</param>
public sealed record MappingRule(
    string Id, string Filter, string? To, IReadOnlyDictionary<string, string>? Rename, long From, long Until, long CreatedMs, long? EndedMs = null)
{
    /// <summary>True for rules that count for messages to come.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsInForce => Until == long.MaxValue;
}
