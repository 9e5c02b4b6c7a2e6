using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using SmartCity.Contracts;
using SmartCity.Gateway;
using SmartCity.Storage;

namespace SmartCity.Silo;

/// <summary>What the <c>access</c> commands do, on the files of one data folder. A password leaves it once, in the answer.</summary>
internal sealed partial class AccessSession : IDisposable
{
    private readonly SqliteAccessStore _store;
    private readonly AuditLog _audit;

    /// <exception cref="StoreUnavailableException">The folder cannot be used.</exception>
    public AccessSession(string dataFolder)
    {
        _store = SqliteAccessStore.Open(dataFolder);
        _audit = new(dataFolder, TimeProvider.System, NullLogger<AuditLog>.Instance);
    }

    /// <summary>Everything there is.</summary>
    public AccessData Data => _store.ReadIfChanged() ?? AccessData.Empty;

    /// <summary>Adds a user; answers its password, or null when it has none.</summary>
    /// <param name="password">Null: one is made.</param>
    /// <exception cref="ArgumentException">The user cannot be added; the message says what to write instead.</exception>
    public string? Add(string user, string role, string? device, string? password, bool hasPassword)
    {
        CheckUser(user);
        Check(RoleName(), role, $"The role '{role}' is no name; write device, operator, service, or a name of 1 to 32 of a-z 0-9 -.");
        if (Data.Credentials.Any(c => c.User == user && !c.IsRevoked))
            throw new ArgumentException($"The user '{user}' is there already; give it a new password with 'access rotate {user}', or take it away with 'access revoke {user}'.");
        device ??= role == AccessPolicy.Device ? user : null;
        if (device is not null) Check(DeviceName(), device, $"The device '{device}' is no device id; write 1 to 64 of A-Z a-z 0-9 . _ : - with --device.");
        return Put(new(user, role, device, null, null, 0, IsRevoked: false, 0), password, hasPassword, "user-added");
    }

    /// <summary>Gives a user a new password, which it answers.</summary>
    /// <exception cref="ArgumentException">There is no such user.</exception>
    public string Rotate(string user, string? password)
    {
        var credential = Data.Credentials.FirstOrDefault(c => c.User == user) ?? throw new ArgumentException($"There is no user '{user}'; 'access list' shows them, 'access add {user}' adds one.");
        if (credential.IsRevoked) throw new ArgumentException($"The user '{user}' is revoked; let it in again with 'access add {user}'.");
        return Put(credential, password, hasPassword: true, "user-rotated")!;
    }

    /// <returns>False when the user was not there; it is refused from now on all the same.</returns>
    public bool Revoke(string user)
    {
        CheckUser(user);
        var existed = _store.Revoke(user);
        _audit.Write("user-revoked", user);
        return existed;
    }

    /// <exception cref="ArgumentException">The rule makes no sense; the message says what to write instead.</exception>
    public long AddRule(string role, RuleEffect effect, RuleAction action, string pattern)
    {
        if (role != "*") Check(RoleName(), role, $"The role '{role}' is no name; write device, operator, service, anonymous, * for all, or a name of 1 to 32 of a-z 0-9 -.");
        if (action == RuleAction.Filter && effect == RuleEffect.Allow) throw new ArgumentException("A rule on 'filter' can only deny; write 'allow subscribe'.");
        if (TopicPattern.Validate(pattern) is { } problem) throw new ArgumentException(problem);
        if (pattern.StartsWith("$share/", StringComparison.Ordinal))
            throw new ArgumentException($"The pattern '{pattern}' would match nothing: a rule is about the filter behind the share name. Write that filter; it holds for shared subscriptions too.");
        var id = _store.AddRule(new(0, role, effect, action, pattern));
        _audit.Write("rule-added", why: $"{id}: {role} {effect} {action}".ToLowerInvariant(), topic: pattern);
        return id;
    }

    /// <exception cref="ArgumentException">There is no such rule.</exception>
    public void RemoveRule(long id)
    {
        if (!_store.RemoveRule(id)) throw new ArgumentException($"There is no rule {id}; 'access rules list' shows them.");
        _audit.Write("rule-removed", why: $"{id}");
    }

    public void Dispose() => _store.Dispose();

    private static void CheckUser(string user)
    {
        if (!UserNames.IsValid(user)) throw new ArgumentException($"The user '{user}' is no name; write 1 to 128 of A-Z a-z 0-9 . _ : @ -.");
    }

    private static void Check(Regex pattern, string text, string problem)
    {
        if (!pattern.IsMatch(text)) throw new ArgumentException(problem);
    }

    private string? Put(Credential credential, string? password, bool hasPassword, string kind)
    {
        if (hasPassword)
        {
            password ??= PasswordHasher.Generate();
            if (System.Text.Encoding.UTF8.GetByteCount(password) is 0 or > PasswordHasher.MaxPasswordBytes)
                throw new ArgumentException($"The password is empty or longer than {PasswordHasher.MaxPasswordBytes} bytes; leave --password-stdin out to have one made.");
            var (salt, hash) = PasswordHasher.Hash(password);
            credential = credential with { Salt = salt, Hash = hash, Iterations = PasswordHasher.MinIterations };
        }

        _store.Put(credential);
        _audit.Write(kind, credential.User, why: "role " + credential.Role);
        return hasPassword ? password : null;
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,32}\z")]
    private static partial Regex RoleName();

    [GeneratedRegex(@"^[A-Za-z0-9._:-]{1,64}\z")]
    private static partial Regex DeviceName();
}
