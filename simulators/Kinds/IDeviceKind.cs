namespace SmartCity.Simulators;

/// <summary>One kind of device. A new kind is one file with a class of this interface; <see cref="DeviceKinds"/> finds it.</summary>
public interface IDeviceKind
{
    /// <summary>Kind code of the topic.</summary>
    string Code { get; }

    /// <summary>Share of all devices; the shares are normalised.</summary>
    double Share { get; }

    /// <summary>Seconds between two messages of one device, relative to the other kinds.</summary>
    double IntervalSeconds { get; }

    /// <summary>Makes about <paramref name="count"/> devices.</summary>
    IEnumerable<DeviceSpec> Create(int count, CityWorld world);
}
