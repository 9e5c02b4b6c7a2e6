namespace SmartCity.Orleans.Contract.Tests;

internal static class Pauses
{
    public static async Task Of(Pause pause, IGrainFactory grains, string key)
    {
        switch (pause)
        {
            case Pause.Yield:
                await Task.Yield();
                break;
            case Pause.Delay:
                await OfTimer();
                break;
            case Pause.Run:
                await Task.Run(static () => Thread.SpinWait(10));
                break;
            case Pause.RunCapturing:
                await Task.Run(static () => Thread.SpinWait(10)).ConfigureAwait(true);
                break;
            case Pause.WhenAll:
                await Task.WhenAll(Task.Run(static () => Thread.SpinWait(10)), OfTimer());
                break;
            case Pause.ValueTask:
                await new ValueTask(Task.Run(static () => Thread.SpinWait(10)));
                break;
            case Pause.OtherGrain:
                await grains.GetGrain<ITurnGrain>($"{key}-other").Quick(1);
                break;
            case Pause.OtherThread:
                var done = new TaskCompletionSource(); // its continuations are offered the thread that completes it
                new Thread(() => done.SetResult()).Start();
                await done.Task;
                break;
            default:
                break;
        }
    }

    /// <summary>Ends when a timer has fired: its continuations come from the timer's thread, as those of a delay do.</summary>
    private static async Task OfTimer()
    {
        var fired = new TaskCompletionSource();
        await using var timer = new Timer(static state => ((TaskCompletionSource)state!).TrySetResult(), fired, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task.ConfigureAwait(false); // what is looked at is the grain's own await
    }
}
