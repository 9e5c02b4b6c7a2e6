using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>
/// Brings changes of users and rules into force within a second: reads the store when it has changed, and ends connections whose user was revoked
/// or rotated, or that hold subscriptions which they may no longer have.
/// </summary>
public sealed partial class AccessService(
    AccessAuthorizer authorizer, MqttBroker broker, AccessOptions options, AccessStoreOpener open, AccessMetrics metrics, AuditLog audit, TimeProvider time,
    ILogger<AccessService> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    /// <summary>A login that was under way when its user was revoked becomes a connection a little later, so connections are looked through more than once.</summary>
    private const int SweepsAfterChange = 4;

    private readonly Lock _gate = new();
    private IAccessStore? _store;
    private ITimer? _timer;
    private int _sweeps;
    private bool _failed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Refresh(isStart: true);
        _timer = time.CreateTimer(static self => ((AccessService)self!).Refresh(isStart: false), this, s_interval, s_interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            _store?.Dispose();
            _store = null;
            _timer = null;
        }
    }

    internal void Refresh(bool isStart)
    {
        lock (_gate)
        {
            if (!isStart && _timer is null) return;
            try
            {
                _store ??= open(create: options.Mode == AccessMode.Required);
                if (_store?.ReadIfChanged() is { } data)
                {
                    authorizer.Policy = new(data, options.Mode);
                    _sweeps = isStart ? 0 : SweepsAfterChange;
                    LogChanged(data.Credentials.Count, data.Rules.Count);
                }

                _failed = false;
                if (_sweeps > 0) Sweep();
            }
            catch (StoreUnavailableException exception) when (!isStart)
            {
                if (!_failed) LogFailed(exception.Message);
                _failed = true;
            }
            catch (Exception exception) when (!isStart)
            {
                LogBroken(exception);
            }
        }
    }

    private void Sweep()
    {
        _sweeps--;
        var policy = authorizer.Policy;
        var ended = broker.DisconnectWhere(
            info => info.Identity is AccessIdentity identity && !policy.IsCurrent(identity) && Note("connection-ended", info, "its user was revoked or changed"),
            MqttReasonCode.AdministrativeAction, "The user was revoked or changed.");
        ended += broker.DisconnectWhere(
            info => info.Identity is not null && !broker.MayResume(info) && Note("connection-ended", info, "its subscriptions are no longer allowed"),
            MqttReasonCode.NotAuthorized, "The rules have changed.");
        if (ended > 0) metrics.Ended(ended);
    }

    private bool Note(string kind, MqttConnectionInfo info, string why)
    {
        audit.Write(kind, info.UserName, info.ClientId, info.RemoteEndPoint, why);
        return true;
    }

    [LoggerMessage(5302, LogLevel.Information, "Users and rules are in force as they are now: {Users} users, {Rules} rules.")]
    private partial void LogChanged(int users, int rules);

    [LoggerMessage(5303, LogLevel.Error, "{Problem} Those known before stay in force.")]
    private partial void LogFailed(string problem);

    [LoggerMessage(5304, LogLevel.Error, "Users and rules could not be read again; those known before stay in force.")]
    private partial void LogBroken(Exception exception);
}
