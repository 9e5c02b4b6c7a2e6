using System.Globalization;
using System.Text;
using SmartCity.Contracts;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>Passwords: slow to guess, quick to recognise, and nowhere to be read.</summary>
public sealed class PasswordTests
{
    private readonly FakeTimeProvider _time = new(1_764_000_000_000);

    [Fact]
    public void A_password_is_verified_and_nothing_like_it()
    {
        var credential = Make("alice", "correct horse");
        Assert.True(PasswordHasher.Verify("correct horse"u8, credential));
        foreach (var wrong in new[] { "", "Correct horse", "correct hors", "correct horse ", "correct horse\0" }) Assert.False(PasswordHasher.Verify(Encoding.UTF8.GetBytes(wrong), credential));
    }

    [Fact]
    public void Two_records_of_one_password_share_nothing()
    {
        var (a, b) = (PasswordHasher.Hash("same"), PasswordHasher.Hash("same"));
        Assert.NotEqual(a.Salt, b.Salt);
        Assert.NotEqual(a.Hash, b.Hash);
    }

    [Fact]
    public void Fewer_iterations_than_the_minimum_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => PasswordHasher.Hash("x", 1000));

    [Fact]
    public void A_password_longer_than_is_looked_at_is_wrong_even_when_its_begin_is_right()
    {
        var credential = Make("alice", new string('x', PasswordHasher.MaxPasswordBytes));
        Assert.True(PasswordHasher.Verify(Encoding.UTF8.GetBytes(new string('x', PasswordHasher.MaxPasswordBytes)), credential));
        Assert.False(PasswordHasher.Verify(Encoding.UTF8.GetBytes(new string('x', PasswordHasher.MaxPasswordBytes + 1)), credential));
    }

    [Fact]
    public void An_unknown_user_takes_as_long_as_a_known_one()
    {
        var credential = Make("alice", "right");
        _ = Cost(credential);
        var known = Enumerable.Range(0, 5).Min(_ => Cost(credential));
        var unknown = Enumerable.Range(0, 5).Min(_ => Cost(null));
        Assert.InRange(unknown / (double)known, 0.5, 2);

        // Nanoseconds that this thread was on a processor: what else runs on the machine does not count.
        static long OnProcessor() => long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);

        static long Cost(Credential? credential)
        {
            var start = OnProcessor();
            Assert.False(PasswordHasher.Verify("wrong"u8, credential));
            return OnProcessor() - start;
        }
    }

    [Fact]
    public void A_good_login_is_remembered_until_its_record_changes()
    {
        var cache = new VerifiedCache(_time);
        var credential = Make("alice", "right");
        Assert.False(cache.Contains(credential, "right"u8));
        cache.Add(credential, "right"u8);
        Assert.True(cache.Contains(credential, "right"u8));
        Assert.False(cache.Contains(credential, "wrong"u8));
        Assert.False(cache.Contains(credential with { Version = 2 }, "right"u8));
        Assert.False(cache.Contains(credential with { User = "bob" }, "right"u8));
    }

    [Fact]
    public void A_login_that_is_not_used_is_forgotten()
    {
        var cache = new VerifiedCache(_time);
        var credential = Make("alice", "right");
        cache.Add(credential, "right"u8);
        _time.Advance(TimeSpan.FromHours(13));
        Assert.True(cache.Contains(credential, "right"u8)); // used, so kept
        for (var i = 0; i < 2; i++)
        {
            _time.Advance(TimeSpan.FromHours(13));
            cache.Add(credential with { User = "bob" }, "x"u8);
        }

        Assert.False(cache.Contains(credential, "right"u8));
    }

    [Fact]
    public void Made_passwords_are_long_and_never_twice_the_same()
    {
        var made = Enumerable.Range(0, 1000).Select(_ => PasswordHasher.Generate()).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(1000, made.Count);
        Assert.All(made, p => Assert.Equal(28, p.Length));
    }

    [Fact]
    public void A_record_that_is_printed_shows_neither_salt_nor_hash()
    {
        var credential = Make("alice", "right");
        Assert.Equal("alice (device)", credential.ToString());
    }

    private static Credential Make(string user, string password)
    {
        var (salt, hash) = PasswordHasher.Hash(password);
        return new(user, "device", user, salt, hash, PasswordHasher.MinIterations, IsRevoked: false, Version: 1);
    }
}
