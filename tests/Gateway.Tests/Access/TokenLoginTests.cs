using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using SmartCity.Tests;

namespace SmartCity.Gateway.Tests;

/// <summary>Tokens made by hand, without the library that checks them: good ones, and every way to forge one that has been seen.</summary>
public sealed class TokenLoginTests : IDisposable
{
    private const string Issuer = "https://id.example.org";
    private const string Audience = "city-gateway";
    private readonly FakeTimeProvider _time = new(1_764_000_000_000);
    private readonly TempFolder _folder = new();
    private readonly ListLogger<TokenKeys> _log = new();
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TokenLogin _login;

    public TokenLoginTests()
    {
        WriteKeys(RsaKey("r1", _rsa), EcKey("e1", _ec));
        var options = new JwtOptions { Keys = KeyFile, Issuer = Issuer, Audience = Audience };
        _login = new(options, new TokenKeys(options, _time, _log), _time);
    }

    private string KeyFile => Path.Combine(_folder.Path, "keys.json");

    private long Now => _time.NowMs / 1000;

    [Fact]
    public async Task RS256_and_ES256_of_a_known_key_are_taken_until_they_expire()
    {
        foreach (var token in new[] { Rs256(Claims()), Es256(Claims()) })
        {
            Assert.True(TokenLogin.IsToken(Encoding.ASCII.GetBytes(token)));
            var (user, expires, problem) = await CheckAsync(token);
            Assert.Equal(("station-1", null), (user, problem));
            Assert.Equal(Now + 600 + 60, expires.ToUnixTimeSeconds());
        }
    }

    [Fact]
    public async Task A_token_without_signature_is_refused_however_it_is_written()
    {
        foreach (var alg in new[] { "none", "None", "NONE", "" })
        {
            await RefusedAsync(Part(new { alg, typ = "JWT" }) + "." + Part(Claims()) + ".");
            await RefusedAsync(Part(new { alg, typ = "JWT", kid = "r1" }) + "." + Part(Claims()) + "." + Base64Url.EncodeToString(new byte[256]));
        }

        await RefusedAsync(Part(new { typ = "JWT" }) + "." + Part(Claims()) + ".");
        var good = Rs256(Claims());
        await RefusedAsync(good[..(good.LastIndexOf('.') + 1)]);
    }

    [Fact]
    public async Task A_symmetric_signature_with_the_public_key_is_refused()
    {
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem()), _rsa.ExportSubjectPublicKeyInfo(), _rsa.ExportParameters(false).Modulus!,
            Encoding.ASCII.GetBytes(_rsa.ExportRSAPublicKeyPem()), [],
        ];
        foreach (var secret in secrets)
        {
            var content = Part(new { alg = "HS256", typ = "JWT", kid = "r1" }) + "." + Part(Claims());
            await RefusedAsync(content + "." + Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content))));
        }
    }

    [Fact]
    public async Task A_symmetric_key_in_the_key_file_is_not_used()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        WriteKeys(RsaKey("r1", _rsa), new { kty = "oct", kid = "s1", alg = "HS256", k = Base64Url.EncodeToString(secret) });
        _time.Advance(TimeSpan.FromSeconds(2));
        var content = Part(new { alg = "HS256", typ = "JWT", kid = "s1" }) + "." + Part(Claims());
        await RefusedAsync(content + "." + Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content))));
    }

    [Fact]
    public async Task Another_key_another_algorithm_and_a_changed_claim_are_refused()
    {
        using var foreign = RSA.Create(2048);
        await RefusedAsync(Sign("RS256", "r1", Claims(), d => foreign.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        await RefusedAsync(Sign("RS256", "nobody", Claims(), d => foreign.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        await RefusedAsync(Sign("RS512", "r1", Claims(), d => _rsa.SignData(d, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1)));
        await RefusedAsync(Sign("PS256", "r1", Claims(), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
        await RefusedAsync(Sign("ES256", "r1", Claims(), d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        var parts = Rs256(Claims()).Split('.');
        await RefusedAsync(parts[0] + "." + Part(Claims(sub: "station-2")) + "." + parts[2]);

        // A key that the token brings along is not one of ours.
        var brought = Part(new { alg = "RS256", typ = "JWT", jwk = RsaKey("x", foreign) }) + "." + Part(Claims());
        await RefusedAsync(brought + "." + Base64Url.EncodeToString(foreign.SignData(Encoding.ASCII.GetBytes(brought), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    [Fact]
    public async Task A_token_out_of_its_time_is_refused_beyond_the_skew()
    {
        await TakenAsync(Rs256(Claims(exp: Now - 59)));
        await RefusedAsync(Rs256(Claims(exp: Now - 60)), "not in time");
        await TakenAsync(Rs256(Claims(nbf: Now + 60)));
        await RefusedAsync(Rs256(Claims(nbf: Now + 61)), "not in time");
        await RefusedAsync(Rs256(new { sub = "station-1", iss = Issuer, aud = Audience }), "not in time");
        var token = Rs256(Claims());
        _time.Advance(TimeSpan.FromSeconds(661));
        await RefusedAsync(token, "not in time");
    }

    [Theory]
    [InlineData("https://evil.example.org", Audience, "station-1", "issuer")]
    [InlineData(null, Audience, "station-1", "issuer")]
    [InlineData(Issuer, "another", "station-1", "audience")]
    [InlineData(Issuer, null, "station-1", "audience")]
    [InlineData(Issuer, Audience, null, "names no device")]
    [InlineData(Issuer, Audience, "", "names no device")]
    [InlineData(Issuer, Audience, "+", "names no device")]
    [InlineData(Issuer, Audience, "a/b", "names no device")]
    [InlineData(Issuer, Audience, "station-1\n", "names no device")]
    public async Task A_token_for_somebody_else_or_for_nobody_is_refused(string? issuer, string? audience, string? sub, string problem) =>
        await RefusedAsync(Rs256(new { sub, iss = issuer, aud = audience, exp = Now + 600 }), problem);

    /// <summary>RFC 7515 §4.1.11: such as a proof of possession that we would not ask for.</summary>
    [Fact]
    public async Task A_token_with_a_critical_extension_is_refused()
    {
        var content = Part(new { alg = "RS256", typ = "JWT", kid = "r1", crit = new[] { "x" }, x = 1 }) + "." + Part(Claims());
        var signature = _rsa.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        await RefusedAsync(content + "." + Base64Url.EncodeToString(signature), "critical extension");
    }

    [Fact]
    public async Task Every_truncated_token_is_refused_and_so_is_a_huge_one()
    {
        var token = Es256(Claims());
        for (var length = 0; length < token.Length; length++) await RefusedAsync(token[..length]);
        await RefusedAsync("eyJ" + new string('a', 60_000) + ".b.c");
    }

    [Fact]
    public async Task Changed_keys_are_in_force_and_a_broken_file_leaves_the_old_ones()
    {
        using var next = RSA.Create(2048);
        var old = Rs256(Claims());
        var renewed = Sign("RS256", "r2", Claims(), d => next.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        await RefusedAsync(renewed);
        WriteKeys(RsaKey("r2", next));
        _time.Advance(TimeSpan.FromSeconds(2));
        await TakenAsync(renewed);
        await RefusedAsync(old);

        foreach (var broken in new[] { "{", "", "[]", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}" })
        {
            await File.WriteAllTextAsync(KeyFile, broken);
            _time.Advance(TimeSpan.FromSeconds(2));
            await TakenAsync(renewed);
        }

        Assert.Contains(_log.Entries, e => e.Id == 5306);
        File.Delete(KeyFile);
        _time.Advance(TimeSpan.FromSeconds(2));
        await TakenAsync(renewed);
    }

    [Fact]
    public void A_key_file_that_cannot_be_used_at_the_start_says_what_to_write()
    {
        File.WriteAllText(KeyFile, "secret?");
        var exception = Assert.Throws<InvalidOperationException>(() => new TokenKeys(new() { Keys = KeyFile }, _time, _log));
        Assert.Contains("JSON Web Key Set", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _rsa.Dispose();
        _ec.Dispose();
        _folder.Dispose();
    }

    private static object RsaKey(string kid, RSA rsa)
    {
        var p = rsa.ExportParameters(includePrivateParameters: false);
        return new { kty = "RSA", use = "sig", kid, n = Base64Url.EncodeToString(p.Modulus), e = Base64Url.EncodeToString(p.Exponent) };
    }

    private static object EcKey(string kid, ECDsa ec)
    {
        var p = ec.ExportParameters(includePrivateParameters: false);
        return new { kty = "EC", use = "sig", crv = "P-256", kid, x = Base64Url.EncodeToString(p.Q.X), y = Base64Url.EncodeToString(p.Q.Y) };
    }

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Sign(string alg, string kid, object claims, Func<byte[], byte[]> sign)
    {
        var content = Part(new { alg, typ = "JWT", kid }) + "." + Part(claims);
        return content + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(content)));
    }

    private string Rs256(object claims) => Sign("RS256", "r1", claims, d => _rsa.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    private string Es256(object claims) => Sign("ES256", "e1", claims, d => _ec.SignData(d, HashAlgorithmName.SHA256));

    private object Claims(string sub = "station-1", long? exp = null, long? nbf = null) => new { sub, iss = Issuer, aud = Audience, exp = exp ?? Now + 600, nbf = nbf ?? Now - 10 };

    private void WriteKeys(params object[] keys) => File.WriteAllText(KeyFile, JsonSerializer.Serialize(new { keys }));

    private ValueTask<(string? User, DateTimeOffset ExpiresAt, string? Problem)> CheckAsync(string token) => _login.CheckAsync(Encoding.ASCII.GetBytes(token));

    private async Task TakenAsync(string token) => Assert.Null((await CheckAsync(token)).Problem);

    private async Task RefusedAsync(string token, string? why = null)
    {
        var (user, _, problem) = await CheckAsync(token);
        Assert.Null(user);
        Assert.NotNull(problem);
        if (why is not null) Assert.Contains(why, problem, StringComparison.Ordinal);
        foreach (var part in token.Split('.').Where(p => p.Length > 4)) Assert.DoesNotContain(part, problem, StringComparison.Ordinal);
    }
}
