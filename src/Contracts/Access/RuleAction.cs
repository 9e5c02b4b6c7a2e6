namespace SmartCity.Contracts;

/// <summary>What a rule is about.</summary>
public enum RuleAction
{
    /// <summary>PUBLISH to a topic that the pattern matches.</summary>
    Publish,

    /// <summary>Receiving messages: an allow must cover the whole filter, a deny refuses every filter that could match one of its topics.</summary>
    Subscribe,

    /// <summary>Deny only: refuses a SUBSCRIBE whose filter lies within the pattern; wider filters still receive the topics.</summary>
    Filter,
}
