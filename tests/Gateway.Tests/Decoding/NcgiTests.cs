using System.Text;

namespace SmartCity.Gateway.Tests;

public sealed class NcgiTests
{
    [Theory]
    [InlineData("452-04-0A1B2C3D4", true)]
    [InlineData("452-04-0a1b2c3d4", true)]
    [InlineData("310-410-0A1B2C3D4", true)]
    [InlineData("452-4-0A1B2C3D4", false)]
    [InlineData("452-0410-A1B2C3D4", false)]
    [InlineData("45-204-0A1B2C3D4", false)]
    [InlineData("452-04-0A1B2C3D", false)]
    [InlineData("452-04-0A1B2C3DG", false)]
    [InlineData("452_04_0A1B2C3D4", false)]
    [InlineData("45x-04-0A1B2C3D4", false)]
    [InlineData("", false)]
    public void Cell_identities_are_MCC_MNC_and_nine_hex_digits(string text, bool isValid) => Assert.Equal(isValid, Ncgi.IsValid(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("452-04-0A1B2C3D4", "452-04")]
    [InlineData("310-410-0A1B2C3D4", "310-410")]
    public void The_operator_is_MCC_and_MNC(string ncgi, string plmn) => Assert.Equal(plmn, Ncgi.PlmnOf(ncgi));
}
