namespace SmartCity.Storage;

/// <summary>An option that must be the same in every process that shares a store. The first process writes its value into the store.</summary>
/// <param name="Name">The option, as people write it.</param>
/// <param name="Value">As text; empty when it is not set.</param>
/// <param name="IsFixed">True when what is stored was made with it: it never changes. Otherwise a process that is alone may bring another value.</param>
public sealed record SharedSetting(string Name, string Value, bool IsFixed = false);
