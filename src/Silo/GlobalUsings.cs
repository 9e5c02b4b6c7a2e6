global using Orleans;
global using SmartCity.Contracts;
