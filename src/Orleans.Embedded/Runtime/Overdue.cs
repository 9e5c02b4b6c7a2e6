using System.Text;

namespace Orleans.Runtime;

/// <summary>Ends calls that took too long, with a message that says how the caller got there.</summary>
internal static class Overdue
{
    private const int MostLinks = 16;

    public static void EndIfOverdue(GrainCallBase call, Activation grain, long nowMs, long usualLimitMs, bool isRunning)
    {
        var limitMs = call.Method.ResponseTimeoutMs ?? usualLimitMs;
        if (nowMs - call.SentMs <= limitMs) return;
        if (call.IsClaimed || call.DiesWithActivation) return;
        var text = Describe(call, grain, limitMs, isRunning);
        // The caller may be overdue as well, and by then have lost the trace of this call.
        if (call.TryAbandon(new TimeoutException(text)) && call.Caller is { } caller) caller.OverdueCallee = text;
    }

    private static string Describe(GrainCallBase call, Activation grain, long limitMs, bool isRunning)
    {
        // Callers suspended on other shards go on meanwhile: what is read here is for a reader's eye, each field checked for null.
        var links = new List<(string Text, Activation? Grain)> { ($"{call.Method.Name} on {grain}", grain) };
        for (var caller = call.Caller; caller is not null && links.Count < MostLinks; caller = caller.Caller)
        {
            links.Add(($"{caller.Method.Name} on {caller.TargetOrNull?.ToString() ?? "?"}", caller.TargetOrNull));
        }

        var text = new StringBuilder()
            .Append(call.Method.Name).Append(" on ").Append(grain).Append(" did not answer within ").Append(TimeSpan.FromMilliseconds(limitMs))
            .Append(isRunning ? " (it is still running)" : " (it waits for its turn)").Append(". Call chain: ");
        links.Reverse();
        // And what it waits for itself: in a deadlock of several grains the first to give up is the one furthest from the knot.
        var last = call;
        for (var callee = call.Callee; callee is not null && links.Count < MostLinks; callee = callee.Callee)
        {
            last = callee;
            links.Add(($"{callee.Method.Name} on {callee.TargetOrNull?.ToString() ?? "?"}", callee.TargetOrNull));
        }

        text.AppendJoin(" → ", links.Select(l => l.Text)).Append('.');
        var again = links.GroupBy(l => l.Grain).FirstOrDefault(g => g.Key is not null && g.Count() > 1);
        if (again is not null) text.Append(" A deadlock: ").Append(again.Key).Append(" waits for itself; make the class [Reentrant], or allow this chain with RequestContext.AllowCallChainReentrancy.");
        if (last.OverdueCallee is { } before) text.Append(" It had waited for another call: ").Append(before);
        return text.ToString();
    }
}
