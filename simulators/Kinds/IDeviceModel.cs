namespace SmartCity.Simulators;

/// <summary>What one device measures. Called with times that do not decrease.</summary>
public interface IDeviceModel
{
    /// <summary>Writes the values of one message; the time stamp is there already.</summary>
    void Measure(Measurement message);
}
