using SmartCity.Contracts;

namespace SmartCity.Simulators;

/// <summary>5G cells: counters of TS 28.552 for a granularity period that ends with the message, or without one for the time since the cell's last message.</summary>
internal sealed class CellKind : IDeviceKind
{
    public string Code => "cell";

    public double Share => 27;

    public double IntervalSeconds => 15;

    // The network decides which cells exist.
    public IEnumerable<DeviceSpec> Create(int count, CityWorld world) => world.Radio.Cells.Select(cell =>
        new DeviceSpec(cell.Unit, cell.Ncgi, new Model(world.Radio, cell, world.Granularity, SeededRandom.For(world.Seed, cell.Ncgi)), cell.Latitude, cell.Longitude)
        {
            PeriodSeconds = world.Granularity,
        });

    private sealed class Model(RadioNetwork radio, RadioCell cell, int? period, SeededRandom random) : IDeviceModel
    {
        /// <summary>A cell is looked at once a minute, and in a long period this often.</summary>
        private const int MostLooks = 15;

        private readonly Drift _load = new(random, 0.06, 300);
        private long _lastMs = long.MinValue;

        public void Measure(Measurement message)
        {
            var now = message.Time.UnixMs;
            var seconds = period ?? (_lastMs == long.MinValue ? 15 : Math.Max(0.1, (now - _lastMs) / 1000.0));
            _lastMs = now;
            var use = Look(now, seconds);
            message.Position(cell.Latitude, cell.Longitude);
            WriteBlocks(message, use, seconds);
            WriteConnections(message, use, seconds);
            WriteHandovers(message, use, seconds, now);
            WritePower(message, use, seconds);
        }

        /// <summary>What the cell did in the period.</summary>
        private Use Look(long endMs, double seconds)
        {
            var looks = Math.Clamp((int)(seconds / 60), 1, MostLooks);
            double load = 0, users = 0, most = 0, on = 0, carrying = 0;
            for (var i = 0; i < looks; i++)
            {
                var at = endMs - (long)(seconds * 1000 * (looks - i - 0.5) / looks);
                var noise = _load.At(at);
                if (radio.IsOut(cell, at)) continue;
                on++;
                if (radio.IsAsleep(cell, at)) continue;
                carrying++;
                var share = Math.Clamp(radio.Load(cell, new(at)) + noise, 0.01, 1);
                load += share;
                users += Connected(share);
                most = Math.Max(most, Connected(share));
            }

            return new(on == 0 ? 0 : load / on, users / looks, most, on / looks, carrying / looks);
        }

        private void WriteBlocks(Measurement message, Use use, double seconds)
        {
            var carrier = cell.Carrier;
            var available = Math.Round(carrier.Blocks * use.On);
            double down = Math.Round(use.Load * available), up = Math.Round(0.46 * use.Load * available);

            // ⌊100·M1/P⌋: an integer. A cell that has just come back had no blocks, and the share of them is unknown.
            if (available > 0)
            {
                message.Value("RRU.PrbTotDl", Math.Floor(100 * down / available), 0);
                message.Value("RRU.PrbTotUl", Math.Floor(100 * up / available), 0);
            }

            message.Value("RRU.PrbUsedDl", down, 0);
            message.Value("RRU.PrbUsedUl", up, 0);
            message.Value("RRU.PrbAvailDl", available, 0);
            message.Value("RRU.PrbAvailUl", available, 0);

            // Mean spectral efficiencies of a loaded cell with several layers, bit/s/Hz.
            double mbitDown = carrier.WidthMhz * 4.5 * carrier.DownShare, mbitUp = carrier.WidthMhz * 1.8 * (carrier.DownShare < 1 ? 1 - carrier.DownShare : 1);
            message.Value("DRB.PdcpSduVolumeDL", mbitDown * use.Load * use.On * seconds);
            message.Value("DRB.PdcpSduVolumeUL", 0.46 * mbitUp * use.Load * use.On * seconds);

            // Where nobody sends anything, there is no throughput to register.
            if (use.Carrying == 0) return;
            message.Value("DRB.UEThpDl", 770 * mbitDown * (1 - (0.82 * use.Load)) * Math.Exp(0.08 * random.Gaussian()), 0);
            message.Value("DRB.UEThpUl", 930 * mbitUp * (1 - (0.7 * use.Load)) * Math.Exp(0.08 * random.Gaussian()), 0);
        }

        private void WriteConnections(Measurement message, Use use, double seconds)
        {
            var failing = use.Load > 0.9 ? 0.02 : 0.004;
            var attempts = random.Poisson(use.Users * seconds / 40);
            var connections = attempts - Failures(attempts, failing);
            var contexts = connections - Failures(connections, 0.003);
            var bearers = contexts + random.Poisson(0.2 * contexts);
            message.Value("RRC.ConnMean", use.Users);
            message.Value("RRC.ConnMax", Math.Ceiling(use.Most * (1.15 + (0.1 * random.NextDouble()))), 0);
            message.Value("RRC.ConnEstabAtt", attempts, 0);
            message.Value("RRC.ConnEstabSucc", connections, 0);
            message.Value("UECNTX.ConnEstabAtt", connections, 0);
            message.Value("UECNTX.ConnEstabSucc", contexts, 0);
            message.Value("DRB.EstabAtt", bearers, 0);
            message.Value("DRB.EstabSucc", bearers - Failures(bearers, failing / 2), 0);
            message.Value("QF.RelActNbr", Failures(bearers, 0.003), 0);
            message.Value("QF.SessionTimeUE", 0.55 * use.Users * seconds, 0);
        }

        private void WriteHandovers(Measurement message, Use use, double seconds, long now)
        {
            var prepared = random.Poisson(use.Users * seconds / 90);
            var requested = prepared - Failures(prepared, 0.004);

            // Two neighbours with one PCI: some handovers go to the wrong one.
            var failed = Failures(requested, radio.IsConfused(cell, now) ? 0.15 : 0.015);
            var early = Failures(failed, 0.3);
            var late = random.Poisson(use.Users * seconds / 20_000);
            message.Value("MM.HoPrepInterReq", prepared, 0);
            message.Value("MM.HoPrepInterSucc", requested, 0);
            message.Value("MM.HoExeInterReq", requested, 0);
            message.Value("MM.HoExeInterSucc", requested - failed, 0);
            message.Value("MM.HoExeInterFail", failed, 0);
            message.Value("HO.IntraSys.TooEarly", early, 0);
            message.Value("HO.IntraSys.TooLate", late, 0);

            // Phones that lost the link come back by re-establishment.
            message.Value("RRC.ReEstabAtt", failed + late + random.Poisson(use.Users * seconds / 10_000), 0);
        }

        private void WritePower(Measurement message, Use use, double seconds)
        {
            var (idle, full) = cell.Site.Type switch { SiteType.Small => (60, 90), SiteType.Rural => (300, 450), _ => (420, 780) };
            var power = Math.Round((idle + (full * use.Load)) * use.On, 1);
            message.Value("PEE.AvgPower", power);
            message.Value("PEE.Energy", power * seconds / 3_600_000, 6);
        }

        private static double Connected(double load) => 4 + (190 * load);

        private int Failures(int attempts, double rate) => Math.Min(attempts, random.Poisson(attempts * rate));

        /// <param name="Load">Share of the blocks in use while the cell was there.</param>
        /// <param name="Users">Mean of connected phones over the period.</param>
        /// <param name="Most">Most of them.</param>
        /// <param name="On">Share of the period in which the cell was there; <paramref name="Carrying"/> in which phones could use it.</param>
        private readonly record struct Use(double Load, double Users, double Most, double On, double Carrying);
    }
}
