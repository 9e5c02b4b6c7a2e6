namespace SmartCity.Simulators;

/// <summary>What a phone makes of the SINR: CQI, layers and throughput.</summary>
public static class ChannelQuality
{
    /// <summary>SINR at which CQI 1 to 15 begin, dB: the usual switch points for table 1 of 38.214 (domain reference, part C).</summary>
    private static readonly double[] s_switchPoints = [-6.7, -4.7, -2.3, 0.2, 2.4, 4.3, 5.9, 8.1, 10.3, 11.7, 14.1, 16.3, 18.7, 21.0, 22.7];

    /// <summary>CQI of 38.214 table 5.2.2.1-2: 0 (out of range) to 15.</summary>
    public static int Cqi(double sinr)
    {
        var cqi = 0;
        while (cqi < s_switchPoints.Length && sinr >= s_switchPoints[cqi]) cqi++;
        return cqi;
    }

    /// <summary>Layers that a phone with four antennas asks for: practice, no standard gives SINRs.</summary>
    public static int Rank(double sinr) => sinr switch { < 5 => 1, < 14 => 2, < 20 => 3, _ => 4 };

    /// <summary>Spectral efficiency of one layer, bit/s/Hz: TR 36.942 annex A, 0.6·log2(1+SINR), 0 below −10 dB, 4.4 from 22 dB on.</summary>
    public static double Efficiency(double sinr) => sinr < -10 ? 0 : sinr >= 22 ? 4.4 : Math.Min(4.4, 0.6 * Math.Log2(1 + Math.Pow(10, sinr / 10)));

    /// <summary>Throughput of a phone, kbit/s: its layers share the power, and other users leave a part of the blocks.</summary>
    /// <param name="load">Share of the cell's blocks in use by others.</param>
    public static double DownKbps(Carrier carrier, double sinr, int rank, double load) =>
        carrier.WidthMhz * 1000 * rank * Efficiency(sinr - (10 * Math.Log10(rank))) * carrier.DownShare * (1 - (0.85 * load));

    /// <summary>Throughput towards the network, kbit/s. The phone has 23 dBm: its uplink fades out before the downlink does.</summary>
    /// <param name="rsrp">SS-RSRP, dBm.</param>
    public static double UpKbps(Carrier carrier, double sinr, double rsrp, double load) =>
        carrier.WidthMhz * 1000 * Math.Min(3, Efficiency(sinr)) * (carrier.DownShare < 1 ? 1 - carrier.DownShare : 1) * (1 - (0.7 * load)) * Math.Clamp((rsrp + 125) / 40, 0, 1);
}
