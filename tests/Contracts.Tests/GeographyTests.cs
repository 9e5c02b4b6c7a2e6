namespace SmartCity.Contracts.Tests;

public sealed class GeographyTests
{
    private static readonly Geography s_geography = Geography.Default;

    [Fact]
    public void Every_code_is_one_area_and_fits_into_a_topic()
    {
        var codes = s_geography.Units.Select(u => u.Code).Concat(s_geography.Regions.Select(r => r.Code)).Append(s_geography.Nation.Code).ToList();
        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^[a-z0-9]{1,8}$", code));
        Assert.All(codes, code => Assert.True(s_geography.IsArea(code)));
    }

    [Fact]
    public void Every_unit_leads_up_to_the_nation_through_its_region()
    {
        Assert.Equal(AreaCodes.Regions, s_geography.Regions.Select(r => r.Code));
        Assert.Equal(AreaCodes.Nation, s_geography.Nation.Code);
        foreach (var unit in s_geography.Units)
        {
            Assert.Equal(unit.Region, s_geography.ParentOf(unit.Code));
            Assert.Equal(AreaCodes.Nation, s_geography.ParentOf(unit.Region));
            Assert.Same(unit, s_geography.FindUnit(unit.Code));
        }

        Assert.Null(s_geography.ParentOf(AreaCodes.Nation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("xx")]
    [InlineData("HN")]
    public void What_is_no_area_has_no_parent(string code)
    {
        Assert.Null(s_geography.ParentOf(code));
        Assert.Null(s_geography.FindUnit(code));
        Assert.False(s_geography.IsArea(code));
    }

    [Theory] // domain reference, part E
    [InlineData("hn", "bac", "VN-HN", "01")]
    [InlineData("hp", "bac", "VN-HP", "31")]
    [InlineData("hue", "trung", "VN-26", "46")]
    [InlineData("dn", "trung", "VN-DN", "48")]
    [InlineData("sg", "nam", "VN-SG", "79")]
    [InlineData("bd", "nam", "VN-57", "79")]
    public void Known_units_have_both_of_their_codes(string code, string region, string iso, string province)
    {
        var unit = s_geography.FindUnit(code)!;
        Assert.Equal((region, iso, province), (unit.Region, unit.IsoCode, unit.ProvinceCode));
    }

    [Fact]
    public void ISO_31_and_province_31_are_different_places() // trap 3 of the domain reference
    {
        Assert.Equal("Bình Định", Assert.Single(s_geography.Units, u => u.IsoCode == "VN-31").Name);
        Assert.DoesNotContain(s_geography.Units, u => u.IsoCode == "VN-31" && u.ProvinceCode == "31");
    }

    [Fact]
    public void Merged_units_name_a_unit_of_the_same_province_and_everything_lies_in_Vietnam()
    {
        foreach (var unit in s_geography.Units)
        {
            Assert.InRange(unit.Latitude, 8, 24);
            Assert.InRange(unit.Longitude, 102, 110);
            Assert.Matches("^[0-9]{2}$", unit.ProvinceCode);
            if (unit.MergedInto is null) continue;
            Assert.NotNull(unit.ValidTo);
            Assert.Equal(unit.ProvinceCode, s_geography.FindUnit(unit.MergedInto)!.ProvinceCode);
        }
    }
}
