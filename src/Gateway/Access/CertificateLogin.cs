using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace SmartCity.Gateway;

/// <summary>Reads the user's name from a client certificate that TLS has verified already.</summary>
public static class CertificateLogin
{
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);

    /// <summary>Null when the certificate names none, or one that is no name.</summary>
    public static string? UserOf(X509Certificate2 certificate, CertificateName part)
    {
        var name = part switch
        {
            CertificateName.CommonName => CommonName(certificate),
            CertificateName.DnsName => Alternative(certificate)?.EnumerateDnsNames().FirstOrDefault(),
            _ => Uri(certificate) is { } uri ? uri[(uri.LastIndexOfAny([':', '/']) + 1)..] : null,
        };
        return UserNames.IsValid(name) ? name : null;
    }

    // Exactly one: with several, which one counts is what an attacker would like to choose.
    private static string? CommonName(X509Certificate2 certificate)
    {
        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .Where(r => !r.HasMultipleElements && r.GetSingleElementType().Value == "2.5.4.3").Select(r => r.GetSingleElementValue()).ToArray();
        return names.Length == 1 ? names[0] : null;
    }

    private static X509SubjectAlternativeNameExtension? Alternative(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();

    private static string? Uri(X509Certificate2 certificate)
    {
        if (Alternative(certificate) is not { } extension) return null;
        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag().HasSameClassAndValue(s_uri)) return names.ReadCharacterString(UniversalTagNumber.IA5String, s_uri);
                names.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            // An authority that we trust made it, but badly: it names nobody.
        }

        return null;
    }
}
