namespace SmartCity.Simulators;

/// <summary>The plane around a place: good to a part in a thousand over the 20 km that radio reaches.</summary>
internal static class Geodesy
{
    public const double MetresPerDegree = 111_320;

    /// <summary>Metres east and north of one place at which another lies.</summary>
    public static (double East, double North) Offset(double fromLatitude, double fromLongitude, double latitude, double longitude) =>
        ((longitude - fromLongitude) * MetresPerDegree * Math.Cos(fromLatitude * (Math.PI / 180)), (latitude - fromLatitude) * MetresPerDegree);

    /// <summary>Where one gets by so many metres east and north.</summary>
    public static (double Latitude, double Longitude) Move(double latitude, double longitude, double east, double north) =>
        (latitude + (north / MetresPerDegree), longitude + (east / (MetresPerDegree * Math.Cos(latitude * (Math.PI / 180)))));

    public static double Distance(double fromLatitude, double fromLongitude, double latitude, double longitude)
    {
        var (east, north) = Offset(fromLatitude, fromLongitude, latitude, longitude);
        return Math.Sqrt((east * east) + (north * north));
    }

    /// <summary>Degrees clockwise from north.</summary>
    public static double Bearing(double east, double north) => Math.Atan2(east, north) * (180 / Math.PI);
}
