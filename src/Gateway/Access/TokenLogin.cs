using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace SmartCity.Gateway;

/// <summary>Checks tokens: signed with RS256 or ES256 by a key of the configured set, for us, by the right issuer, in time. Nothing else, <c>none</c> least of all.</summary>
public sealed class TokenLogin(JwtOptions options, TokenKeys keys, TimeProvider time)
{
    /// <summary>Bytes of a token that are looked at.</summary>
    private const int MaxBytes = 8 * 1024;

    private static readonly string[] s_algorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxBytes, MapInboundClaims = false };

    /// <summary>Whether a password looks like a token: three parts, of which the first begins a JSON object.</summary>
    public static bool IsToken(ReadOnlySpan<byte> password) => password.StartsWith("eyJ"u8) && password.Count((byte)'.') == 2;

    /// <summary>Who the token is for and until when it is good, or why it is not. Never says what is in it.</summary>
    public async ValueTask<(string? User, DateTimeOffset ExpiresAt, string? Problem)> CheckAsync(ReadOnlyMemory<byte> token)
    {
        if (token.Length > MaxBytes) return (null, default, $"longer than {MaxBytes} bytes");
        var skew = TimeSpan.FromSeconds(options.SkewSeconds);
        var result = await _handler.ValidateTokenAsync(Encoding.ASCII.GetString(token.Span), new TokenValidationParameters
        {
            ValidAlgorithms = s_algorithms,
            IssuerSigningKeys = keys.Current,
            TryAllIssuerSigningKeys = true,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ValidateIssuerSigningKey = true,
            LifetimeValidator = (notBefore, expires, _, _) =>
                expires is { } end && time.GetUtcNow() < AsUtc(end) + skew && (notBefore is not { } begin || AsUtc(begin) - skew <= time.GetUtcNow()),
        }).ConfigureAwait(false);
        if (!result.IsValid) return (null, default, Explain(result.Exception));
        var read = (JsonWebToken)result.SecurityToken;

        // What the issuer marks as critical must be understood (RFC 7515 §4.1.11), and we know no extension.
        if (read.TryGetHeaderValue<object>("crit", out _)) return (null, default, "it has a critical extension that is not known here");
        return read.TryGetPayloadValue<string>(options.DeviceClaim, out var user) && UserNames.IsValid(user)
            ? (user, AsUtc(read.ValidTo) + skew, null)
            : (null, default, $"its claim '{options.DeviceClaim}' names no device");
    }

    // The library's messages may quote the token; its types say enough.
    private static string Explain(Exception? exception) => exception switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => "not in time",
        SecurityTokenInvalidIssuerException => "of another issuer",
        SecurityTokenInvalidAudienceException => "for another audience",
        SecurityTokenInvalidAlgorithmException => "its algorithm is neither RS256 nor ES256",
        SecurityTokenSignatureKeyNotFoundException => "signed with an unknown key",
        SecurityTokenInvalidSignatureException => "its signature is wrong",
        _ => "no token",
    };

    private static DateTimeOffset AsUtc(DateTime value) => new(DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
