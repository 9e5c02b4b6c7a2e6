namespace SmartCity.Contracts;

/// <summary>What a rule does. A deny wins over every allow.</summary>
public enum RuleEffect
{
    Allow,
    Deny,
}
