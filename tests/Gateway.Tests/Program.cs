using SmartCity.Gateway.Tests;
using Xunit.Runner.InProc.SystemConsole;

return args is ["append-until-killed", var folder] ? AppendChild.Run(folder) : await ConsoleRunner.Run(args);
