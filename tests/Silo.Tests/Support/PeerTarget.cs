namespace SmartCity.Silo.Tests;

/// <summary>Where a peer connects, how, and as whom.</summary>
/// <param name="Transport">tcp, tls, ws or wss.</param>
/// <param name="CaFile">Authority of the server's certificate.</param>
/// <param name="CertificateFile">The peer's own certificate.</param>
public sealed record PeerTarget(
    string Host, int Port, string Transport = "tcp", string? CaFile = null, string? CertificateFile = null, string? KeyFile = null,
    string? User = null, string? Password = null, string? ClientId = null)
{
    /// <summary>For the clients of mosquitto, which have no WebSocket.</summary>
    public IEnumerable<string> MosquittoArguments
    {
        get
        {
            List<string> arguments = ["-h", Host, "-p", $"{Port}"];
            Add("--cafile", CaFile);
            Add("--cert", CertificateFile);
            Add("--key", KeyFile);
            Add("-u", User);
            Add("-P", Password);
            Add("-i", ClientId);
            return arguments;

            void Add(string option, string? value)
            {
                if (value is not null) arguments.AddRange([option, value]);
            }
        }
    }

    /// <summary>For the scripts below peers/.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["PEER_TRANSPORT"] = Transport,
        ["PEER_CA"] = CaFile ?? "",
        ["PEER_CERT"] = CertificateFile ?? "",
        ["PEER_KEY"] = KeyFile ?? "",
        ["PEER_USER"] = User ?? "",
        ["PEER_PASSWORD"] = Password ?? "",
        ["PEER_CLIENT_ID"] = ClientId ?? "",
    };
}
