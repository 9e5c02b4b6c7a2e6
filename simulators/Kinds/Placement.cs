using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>Fixed sensors: spread over the units in turn, scattered around the unit's centre.</summary>
internal static class Placement
{
    /// <summary>Places <paramref name="count"/> devices named <c>{prefix}-{unit}-{number}</c>, the larger cities first.</summary>
    public static IEnumerable<DeviceSpec> Spread(int count, CityWorld world, string prefix, Func<Site, IDeviceModel> model)
    {
        for (var i = 0; i < count; i++)
        {
            var unit = world.Units[i % world.Units.Count];
            var name = $"{prefix}-{unit.Code}-{(i / world.Units.Count) + 1:0000}";
            var random = SeededRandom.For(world.Seed, name);

            // About 3 km in each direction: the built-up area around the centre.
            var site = new Site(unit, world.Climate(unit), unit.Latitude + (0.022 * random.Gaussian()), unit.Longitude + (0.022 * random.Gaussian()), random);
            yield return new(unit, name, new Fixed(site, model(site)), site.Latitude, site.Longitude);
        }
    }

    /// <summary>Where a fixed device stands.</summary>
    internal sealed record Site(UnitInfo Unit, UnitClimate Climate, double Latitude, double Longitude, SeededRandom Random);

    private sealed class Fixed(Site site, IDeviceModel inner) : IDeviceModel
    {
        public void Measure(Measurement message)
        {
            message.Position(site.Latitude, site.Longitude);
            inner.Measure(message);
        }
    }
}
