using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmartCity.Mqtt;

namespace SmartCity.Gateway.Tests;

/// <summary>Which name a client certificate gives, and what it is worth.</summary>
public sealed class CertificateLoginTests
{
    [Theory]
    [InlineData("CN=station-1", CertificateName.CommonName, "station-1")]
    [InlineData("CN=station-1, O=City", CertificateName.CommonName, "station-1")]
    [InlineData("O=City", CertificateName.CommonName, null)]
    [InlineData("CN=one, CN=two", CertificateName.CommonName, null)]
    [InlineData("CN=a/b", CertificateName.CommonName, null)]
    [InlineData("CN=#", CertificateName.CommonName, null)]
    [InlineData("CN=+", CertificateName.CommonName, null)]
    [InlineData("CN=x", CertificateName.DnsName, "device-7.city.example")]
    [InlineData("CN=x", CertificateName.Uri, "station-9")]
    public void The_configured_part_names_the_user_and_an_odd_name_names_nobody(string subject, CertificateName part, string? user)
    {
        using var certificate = Make(subject);
        Assert.Equal(user, CertificateLogin.UserOf(certificate, part));
    }

    [Fact]
    public async Task A_certificate_makes_a_device_unless_it_is_known_as_something_else_or_revoked()
    {
        using var rig = new AccessRig();
        using var certificate = Make("CN=station-1");
        rig.Put([]);
        var device = (AccessIdentity)(await rig.ConnectAsync(Request(certificate))).Identity!;
        Assert.Equal(("station-1", "station-1", 0), (device.User, device.DeviceId, device.Version));

        rig.Put([new Contracts.Credential("station-1", "operator", null, null, null, 0, IsRevoked: false, 4)]);
        var known = await rig.ConnectAsync(Request(certificate));
        Assert.Null(known.Identity!.DeviceId);
        Assert.True(rig.Authorizer.CanSubscribe(known, "city/#"));
        Assert.False(rig.Authorizer.Policy.IsCurrent(device)); // it was let in before the record was there

        rig.Put([new Contracts.Credential("station-1", "device", null, null, null, 0, IsRevoked: true, 5)]);
        Assert.Equal(MqttReasonCode.NotAuthorized, await rig.Authorizer.AuthorizeConnectAsync(Request(certificate), default));
    }

    [Fact]
    public async Task A_wrong_password_is_not_made_good_by_a_certificate()
    {
        using var rig = new AccessRig();
        using var certificate = Make("CN=station-1");
        rig.Put([AccessRig.User("station-1", "right")]);
        var request = AccessRig.Request("station-1", "wrong") with { ClientCertificate = certificate };
        Assert.Equal(MqttReasonCode.BadUserNameOrPassword, await rig.Authorizer.AuthorizeConnectAsync(request, default));
    }

    private static MqttConnectRequest Request(X509Certificate2 certificate) => AccessRig.Request(null, null) with { ClientCertificate = certificate };

    private static X509Certificate2 Make(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("device-7.city.example");
        names.AddUri(new Uri("urn:dev:station-9"));
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UnixEpoch.AddYears(55);
        return request.CreateSelfSigned(now, now.AddYears(10));
    }
}
