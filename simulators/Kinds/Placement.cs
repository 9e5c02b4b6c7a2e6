using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Fixed sensors: spread over the places in turn, scattered around each centre, with all that a device has whatever it measures.</summary>
internal static class Placement
{
    /// <summary>Places <paramref name="count"/> devices named <c>{prefix}-{place}-{number}</c>, the larger cities first.</summary>
    /// <param name="power">Those with a battery report its charge.</param>
    /// <param name="drifts">How its sensors stray between calibrations; none by default.</param>
    public static IEnumerable<DeviceSpec> Spread(
        int count, CityWorld world, string prefix, Func<Site, IDeviceModel> model, PowerSupply power = PowerSupply.Mains, params SensorDrift[] drifts)
    {
        for (var i = 0; i < count; i++)
        {
            var centre = world.Places[i % world.Places.Count];
            var name = $"{prefix}-{centre.Code}-{(i / world.Places.Count) + 1:0000}";
            var random = SeededRandom.For(world.Seed, name);

            // About 3 km in each direction: the built-up area around the centre.
            var site = new Site(centre, world.Climate(centre), centre.Latitude + (0.022 * random.Gaussian()), centre.Longitude + (0.022 * random.Gaussian()), random);
            var housekeeping = new Housekeeping(world.Seed, prefix, name, site.Climate, power);
            var calibration = drifts.Length == 0 ? null : new Calibration(SeededRandom.For(world.Seed, $"calibration/{name}"), drifts);
            yield return new(centre, name, new Fixed(site, model(site), housekeeping, calibration), site.Latitude, site.Longitude);
        }
    }

    /// <summary>Where a fixed device stands.</summary>
    /// <param name="Unit">The place whose centre it is near, with the region of its unit.</param>
    internal sealed record Site(UnitInfo Unit, UnitClimate Climate, double Latitude, double Longitude, SeededRandom Random)
    {
        /// <summary>The place with its tide.</summary>
        public Place Place { get; } = Places.Find(Unit.Code)!;
    }

    private sealed class Fixed(Site site, IDeviceModel inner, Housekeeping housekeeping, Calibration? calibration) : IDeviceModel
    {
        public void Measure(Measurement message)
        {
            message.Position(site.Latitude, site.Longitude);
            if (calibration is not null) message.Calibrate(calibration);
            inner.Measure(message);
            housekeeping.Complete(message);
        }
    }
}
