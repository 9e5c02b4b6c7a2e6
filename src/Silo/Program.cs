using SmartCity.Silo;

return await SiloProgram.RunAsync(args);
