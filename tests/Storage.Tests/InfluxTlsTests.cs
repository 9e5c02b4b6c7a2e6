using System.Security.Cryptography.X509Certificates;
using SmartCity.Mqtt.Tests;

namespace SmartCity.Storage.Tests;

/// <summary>https to a server whose certificate an authority of one's own has signed.</summary>
public sealed class InfluxTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task With_its_authority_in_CaFile_the_server_is_trusted()
    {
        await using var influx = Server("influx");
        Assert.StartsWith("https://", influx.Url, StringComparison.Ordinal);
        using var writer = new InfluxWriter(Options(influx, _certificates.AuthorityFile));
        Assert.Equal(WriteOutcome.Accepted, await writer.WriteAsync(LineBatcher.Compress("m f_last=1 1\n"u8), default));
        Assert.Single(influx.Stored);
    }

    [Fact]
    public async Task Without_it_the_message_says_which_option_to_set_and_the_lines_are_kept()
    {
        await using var influx = Server("influx");
        using var writer = new InfluxWriter(Options(influx, null));
        var outcome = await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default);
        Assert.Equal(WriteResult.Keep, outcome.Result);
        Assert.StartsWith("the server's certificate (CN=influx) is not trusted: ", outcome.Message, StringComparison.Ordinal);
        Assert.EndsWith("; write the PEM file of the authority that signed it in Influx:CaFile", outcome.Message, StringComparison.Ordinal);
        Assert.Empty(influx.Requests);
    }

    [Fact]
    public async Task The_certificate_of_another_authority_an_expired_one_and_one_for_another_name_are_refused()
    {
        using var others = new TestCertificates();
        await using var influx = Server("influx");
        using (var writer = new InfluxWriter(Options(influx, others.AuthorityFile)))
            Assert.Contains("must have the authority that signed it", (await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default)).Message, StringComparison.Ordinal);
        await using var expired = Server("influx2", expired: true);
        using (var writer = new InfluxWriter(Options(expired, _certificates.AuthorityFile)))
            Assert.Contains("is not trusted", (await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default)).Message, StringComparison.Ordinal);
        await using var elsewhere = Server("elsewhere", loopback: false);
        using (var writer = new InfluxWriter(Options(elsewhere, _certificates.AuthorityFile)))
            Assert.Contains("(CN=elsewhere) is not for the name 127.0.0.1", (await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default)).Message, StringComparison.Ordinal);
        Assert.All([influx, expired, elsewhere], s => Assert.Empty(s.Requests));
    }

    [Fact]
    public async Task A_server_without_TLS_is_recognised_and_history_is_read_over_TLS_too()
    {
        await using var plain = new FakeInflux(InfluxApiVersion.V1);
        var options = new InfluxOptions { Url = plain.Url.Replace("http:", "https:", StringComparison.Ordinal) };
        using (var writer = new InfluxWriter(options))
            Assert.Contains("write http:// in Influx:Url", (await writer.WriteAsync(LineBatcher.Compress("m f=1 1\n"u8), default)).Message, StringComparison.Ordinal);

        await using var influx = Server("influx");
        influx.Intervene = _ => Task.FromResult<FakeAnswer?>(FakeAnswer.Json(200, """{"results":[{"statement_id":0}]}"""));
        using var store = new InfluxSeriesStore(Options(influx, _certificates.AuthorityFile), new InfluxWriter(Options(influx, _certificates.AuthorityFile)));
        Assert.Empty(await store.ReadDeviceAsync("d", "m", 0, 1, default));
    }

    [Fact]
    public void A_CaFile_that_is_no_certificate_is_refused_at_start()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "ca.pem");
        Assert.Contains("cannot be read", Refused(file), StringComparison.Ordinal);
        File.WriteAllText(file, "nothing");
        Assert.Contains("has no certificate", Refused(file), StringComparison.Ordinal);
        Assert.Contains("write https:// in Influx:Url", Assert.Throws<ArgumentException>(() => new InfluxOptions { Url = "http://x", CaFile = file }.Validate()).Message, StringComparison.Ordinal);
        static string Refused(string file) => Assert.Throws<ArgumentException>(() => new InfluxOptions { Url = "https://x", CaFile = file }.Validate()).Message;
    }

    private FakeInflux Server(string name, bool expired = false, bool loopback = true)
    {
        var (certificate, key) = _certificates.Sign(name, expired, loopback);
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        return new FakeInflux(InfluxApiVersion.V1, X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
    }

    private static InfluxOptions Options(FakeInflux influx, string? authorities) => new() { Url = influx.Url, CaFile = authorities };
}
