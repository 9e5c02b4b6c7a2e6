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
                await Task.Delay(1);
                break;
            case Pause.Run:
                await Task.Run(static () => Thread.SpinWait(10));
                break;
            case Pause.RunCapturing:
                await Task.Run(static () => Thread.SpinWait(10)).ConfigureAwait(true);
                break;
            case Pause.WhenAll:
                await Task.WhenAll(Task.Run(static () => Thread.SpinWait(10)), Task.Delay(1));
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
}
