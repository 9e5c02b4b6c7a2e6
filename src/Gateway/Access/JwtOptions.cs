namespace SmartCity.Gateway;

/// <summary>Tokens (RFC 7519) in the password field. Configuration section <c>Access:Jwt</c>; used when a key file is named.</summary>
public sealed class JwtOptions
{
    /// <summary>File with the issuer's public keys, a JSON Web Key Set (RFC 7517): RSA for RS256, P-256 for ES256. Read again when it changes.</summary>
    public string? Keys { get; set; }

    /// <summary>Who must have issued the token (<c>iss</c>).</summary>
    public string? Issuer { get; set; }

    /// <summary>For whom it must have been issued (<c>aud</c>).</summary>
    public string? Audience { get; set; }

    /// <summary>The claim that names user and device. Default <c>sub</c>.</summary>
    public string DeviceClaim { get; set; } = "sub";

    /// <summary>How far the issuer's clock may be off, in seconds. Default 60.</summary>
    public int SkewSeconds { get; set; } = 60;

    public bool IsOn => Keys is { Length: > 0 };

    /// <summary>Says what is wrong, and what would be right; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { IsOn: true, Issuer: null or "" } => "Access:Jwt:Issuer is missing; write the 'iss' of the tokens that are to be taken.",
        { IsOn: true, Audience: null or "" } => "Access:Jwt:Audience is missing; write the 'aud' of the tokens that are to be taken, such as the name of this city's gateway.",
        { SkewSeconds: < 0 or > 600 } => $"Access:Jwt:SkewSeconds is {SkewSeconds}; write 0 to 600.",
        { DeviceClaim: "" } => "Access:Jwt:DeviceClaim is empty; write the claim that names the device, such as sub.",
        _ => null,
    };
}
