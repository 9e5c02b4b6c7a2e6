using SmartCity.Storage.Tests;
using Xunit.Runner.InProc.SystemConsole;

return args is ["crash-child", var folder] ? await CrashChild.RunAsync(folder) : await ConsoleRunner.Run(args);
