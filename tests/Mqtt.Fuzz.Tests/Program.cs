using SmartCity.Mqtt.Fuzz;
using Xunit.Runner.InProc.SystemConsole;

return args is ["--seconds", ..] or ["--write-corpus", ..] ? await FuzzProgram.RunAsync(args) : await ConsoleRunner.Run(args);
