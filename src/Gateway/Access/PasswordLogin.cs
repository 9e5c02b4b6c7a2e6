using SmartCity.Mqtt;

namespace SmartCity.Gateway;

/// <summary>
/// Checks user and password. Slow hashes run few at a time, so that a storm of logins leaves cores for the messages of those that are in; who must wait too
/// long is told that the server is busy. Logins that were good before are recognised without a hash.
/// </summary>
public sealed class PasswordLogin(LoginThrottle throttle, VerifiedCache cache, AccessMetrics metrics) : IDisposable
{
    /// <summary>Logins that wait for a hash. Beyond: 0x89. As many as are done within the CONNECT deadline of 10 s on a small machine.</summary>
    public const int MaxWaiting = 128;

    private readonly SemaphoreSlim _hashing = new(Math.Max(1, Environment.ProcessorCount / 2));
    private int _waiting;

    /// <summary>Success, or 0x86 wrong, 0x89 busy, 0x9F throttled.</summary>
    /// <param name="find">Looks a user up in what is in force.</param>
    public async ValueTask<MqttReasonCode> CheckAsync(MqttConnectRequest request, Func<string, Credential?> find, CancellationToken cancellationToken)
    {
        var user = request.UserName!;
        var password = request.Password!.Value;
        var credential = find(user);
        if (IsRemembered(credential, password.Span)) return MqttReasonCode.Success;

        // Behind the cache: who is guessed at by others still gets in.
        if (throttle.UserWait(user) > TimeSpan.Zero)
        {
            metrics.Throttled("user");
            return MqttReasonCode.ConnectionRateExceeded;
        }

        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            metrics.Throttled("busy");
            return MqttReasonCode.ServerBusy;
        }

        bool isRight;
        try
        {
            await _hashing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // On the pool: the connection's read loop is not the place for a tenth of a second of arithmetic.
                isRight = await Task.Run(() => PasswordHasher.Verify(password.Span, credential), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _hashing.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        // It may have been revoked or rotated meanwhile.
        if (!isRight || find(user) is not { IsRevoked: false } now || now.Version != credential!.Version) return MqttReasonCode.BadUserNameOrPassword;
        cache.Add(credential, password.Span);
        return MqttReasonCode.Success;
    }

    /// <summary>Whether this login was found good before, and its record has not changed since.</summary>
    public bool IsRemembered(Credential? credential, ReadOnlySpan<byte> password) => credential is { IsRevoked: false } && cache.Contains(credential, password);

    public void Dispose() => _hashing.Dispose();
}
