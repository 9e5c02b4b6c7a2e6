namespace Orleans.Runtime;

/// <summary>One thread that grains run on.</summary>
/// <param name="Turns">Run since the start.</param>
/// <param name="Waiting">Turns that wait for the thread.</param>
/// <param name="BusyGrains">Grains with calls that wait or are suspended.</param>
public sealed record ShardInsight(int Index, long Turns, long Waiting, int BusyGrains);
