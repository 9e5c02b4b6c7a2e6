using System.Net;

namespace SmartCity.Mqtt;

/// <summary>How many connections each address has; as large as the number of addresses that are connected.</summary>
internal sealed class PeerAddresses
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, PeerAddress> _addresses = [];

    /// <summary>Counts a connection; null when the peer has no IP address.</summary>
    public PeerAddress? Enter(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address }) return null;
        var key = PeerAddress.KeyOf(address);
        lock (_gate)
        {
            if (!_addresses.TryGetValue(key, out var entry)) _addresses.Add(key, entry = new(key));
            entry.Enter();
            return entry;
        }
    }

    public void Leave(PeerAddress? address)
    {
        if (address is null) return;
        lock (_gate)
        {
            if (address.Leave()) _addresses.Remove(address.Key);
        }
    }
}
