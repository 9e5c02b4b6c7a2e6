namespace SmartCity.Orleans.Contract.Tests;

/// <summary>An exception of the application, with data of its own.</summary>
[GenerateSerializer]
[Alias("SmartCity.Contract.SensorException")]
public sealed class SensorException : Exception
{
    public SensorException()
    {
    }

    public SensorException(string message)
        : base(message)
    {
    }

    public SensorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    [Id(0)]
    public string Sensor { get; set; } = "";

    [Id(1)]
    public int Code { get; set; }
}
