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

    [Theory] // domain reference, part E
    [InlineData("bd", "sg")]
    [InlineData("vt", "sg")]
    [InlineData("hd", "hp")]
    [InlineData("qna", "dn")]
    [InlineData("bp", "dna")]
    [InlineData("la", "tn")]
    public void A_merged_unit_is_in_force_until_30_June_2025_and_from_1_July_the_one_that_took_it_in(string code, string into)
    {
        Assert.Equal(code, s_geography.InForce(code, new DateOnly(2025, 6, 30))!.Code);
        Assert.Equal(into, s_geography.InForce(code, new DateOnly(2025, 7, 1))!.Code);
        Assert.Equal(into, s_geography.InForce(code, new DateOnly(2026, 11, 26))!.Code);
    }

    [Fact]
    public void A_day_begins_in_Vietnam_seven_hours_before_it_does_in_UTC()
    {
        var midnight = new DateTimeOffset(2025, 6, 30, 17, 0, 0, TimeSpan.Zero);
        Assert.Equal("vt", s_geography.InForce("vt", midnight.AddMilliseconds(-1))!.Code);
        Assert.Equal("sg", s_geography.InForce("vt", midnight)!.Code);
        Assert.Equal("sg", s_geography.InForce("vt", midnight.ToOffset(TimeSpan.FromHours(-8)))!.Code);
    }

    [Fact]
    public void Fourteen_units_are_in_force_and_those_that_went_to_provinces_outside_the_regions_keep_their_codes()
    {
        var today = s_geography.Units.Select(u => s_geography.InForce(u.Code, new DateOnly(2025, 7, 1))!).Distinct().ToList();
        Assert.Equal(14, today.Count);
        Assert.All((string[])["vp", "bdi", "tg"], code => Assert.Contains(today, u => u.Code == code));
        Assert.Equal(20, s_geography.Units.Select(u => s_geography.InForce(u.Code, new DateOnly(2025, 6, 30))!.Code).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("xx")]
    [InlineData("BD")]
    public void No_unit_is_in_force_for_a_code_that_is_none(string code) => Assert.Null(s_geography.InForce(code, new DateOnly(2026, 1, 1)));

    [Fact]
    public void A_unit_that_was_merged_twice_is_followed_to_the_one_of_the_day()
    {
        var geography = Of(Unit("a", "2020-01-01", "b"), Unit("b", "2025-07-01", "c"), Unit("c", null, null));
        Assert.Equal("a", geography.InForce("a", new DateOnly(2019, 12, 31))!.Code);
        Assert.Equal("b", geography.InForce("a", new DateOnly(2020, 1, 1))!.Code);
        Assert.Equal("c", geography.InForce("a", new DateOnly(2025, 7, 1))!.Code);
    }

    [Fact]
    public void A_merger_that_makes_no_sense_is_named()
    {
        Assert.Contains("'a' is merged into 'x', which is no unit", Assert.Throws<InvalidDataException>(() => Of(Unit("a", "2020-01-01", "x"))).Message, StringComparison.Ordinal);
        Assert.Contains("give it a validTo", Assert.Throws<InvalidDataException>(() => Of(Unit("a", null, "b"), Unit("b", null, null))).Message, StringComparison.Ordinal);
        Assert.Contains("which is gone by then", Assert.Throws<InvalidDataException>(() => Of(Unit("a", "2020-01-01", "b"), Unit("b", "2020-01-01", "a"))).Message, StringComparison.Ordinal);
        Assert.Contains("leave mergedInto out", Assert.Throws<InvalidDataException>(() => Of(Unit("a", "2020-01-01", "b"), Unit("b", null, null) with { Region = "nam" })).Message, StringComparison.Ordinal);
    }

    private static Geography Of(params UnitInfo[] units) => new(s_geography.Nation, s_geography.Regions, units);

    private static UnitInfo Unit(string code, string? validTo, string? into) =>
        new(code, "bac", code, "VN-00", "00", 21, 105, validTo is null ? null : DateOnly.Parse(validTo, System.Globalization.CultureInfo.InvariantCulture), into);
}
