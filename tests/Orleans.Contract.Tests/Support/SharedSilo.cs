[assembly: AssemblyFixture(typeof(SmartCity.Orleans.Contract.Tests.SharedSilo))]

// Turns, timers and time-outs are measured; the tests must not starve each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace SmartCity.Orleans.Contract.Tests;

/// <summary>The silo of all tests that need no options of their own.</summary>
public sealed class SharedSilo : SiloFixture;
