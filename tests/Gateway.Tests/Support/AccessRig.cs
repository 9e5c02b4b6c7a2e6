using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Contracts;
using SmartCity.Mqtt;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>The authorizer with a policy of the test's own and a fake clock.</summary>
internal sealed class AccessRig : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly PasswordLogin _passwords;

    public AccessRig(AccessMode mode = AccessMode.Required, Action<AccessOptions>? configure = null)
    {
        var options = new AccessOptions { Mode = mode };
        configure?.Invoke(options);
        var metrics = new AccessMetrics(new TestMeters());
        Throttle = new(Time);
        _passwords = new(Throttle, new(Time), metrics);
        Authorizer = new(options, Throttle, _passwords, new(_folder.Path, Time, NullLogger<AuditLog>.Instance), metrics, Time);
        Mode = mode;
    }

    public static AccessRule[] DefaultRules { get; } =
    [
        new(1, "device", RuleEffect.Allow, RuleAction.Publish, "city/+/+/+/%d"), new(2, "device", RuleEffect.Allow, RuleAction.Subscribe, "cmd/%d/#"),
        new(3, "operator", RuleEffect.Allow, RuleAction.Subscribe, "city/#"),
    ];

    public AccessMode Mode { get; }

    public FakeTimeProvider Time { get; } = new(1_764_000_000_000);

    public LoginThrottle Throttle { get; }

    public AccessAuthorizer Authorizer { get; }

    /// <summary>What the audit log holds.</summary>
    public string[] Audit
    {
        get
        {
            var file = Path.Combine(_folder.Path, AuditLog.FileName);
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
    }

    public void Put(IEnumerable<Credential> credentials, params AccessRule[] rules) =>
        Authorizer.Policy = new(new([.. credentials], rules.Length == 0 ? DefaultRules : rules), Mode);

    public static Credential User(string user, string password, string role = "device", string? device = null, long version = 1, bool isRevoked = false)
    {
        var (salt, hash) = PasswordHasher.Hash(password);
        return new(user, role, device ?? (role == "device" ? user : null), salt, hash, PasswordHasher.MinIterations, isRevoked, version);
    }

    public static MqttConnectRequest Request(string? user, string? password, string client = "c1", string address = "192.0.2.1") =>
        new(client, user, password is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(password), new IPEndPoint(IPAddress.Parse(address), 4711), MqttProtocolVersion.V500);

    public async Task<MqttReasonCode> LoginAsync(string? user, string? password, string address = "192.0.2.1") =>
        await Authorizer.AuthorizeConnectAsync(Request(user, password, address: address), default);

    /// <summary>A connection as it is after a login.</summary>
    public async Task<MqttConnectionInfo> ConnectAsync(MqttConnectRequest request)
    {
        Assert.Equal(MqttReasonCode.Success, await Authorizer.AuthorizeConnectAsync(request, default));
        return new(request.ClientId, request.Identity?.UserName ?? request.UserName, request.RemoteEndPoint, request.Version, Time.GetUtcNow()) { Identity = request.Identity };
    }

    public void Dispose()
    {
        _passwords.Dispose();
        _folder.Dispose();
    }
}
