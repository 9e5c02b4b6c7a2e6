using System.Collections.Concurrent;

namespace SmartCity.Orleans.Tests;

/// <summary>What grains of tests wait for, by name: a task could not cross between grains.</summary>
internal static class Gates
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_all = new();

    public static TaskCompletionSource Of(string name) => s_all.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
