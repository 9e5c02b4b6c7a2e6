using System.Reflection;
using System.Reflection.Emit;
using SmartCity.Contracts;

namespace SmartCity.Simulators.Tests;

/// <summary>A kind is found by its class alone.</summary>
public sealed class DeviceKindsTests
{
    [Fact]
    public void A_kind_is_found_without_being_named_anywhere()
    {
        var kind = Assert.IsType<BenchKind>(Assert.Single(DeviceKinds.In(typeof(DeviceKindsTests).Assembly)));
        Assert.Equal("bench", kind.Code);
    }

    [Fact]
    public void Kinds_come_in_the_order_of_their_codes()
    {
        var codes = DeviceKinds.All.Select(k => k.Code).ToList();
        Assert.Equal(codes.Order(StringComparer.Ordinal), codes);
        Assert.Equal(KindCatalog.All.Select(k => k.Code).Order(StringComparer.Ordinal), codes); // every kind that the platform knows has its devices
    }

    [Fact]
    public void Two_kinds_with_one_code_are_named()
    {
        var module = AssemblyBuilder.DefineDynamicAssembly(new("kinds"), AssemblyBuilderAccess.Run).DefineDynamicModule("kinds");
        foreach (var name in (string[])["Second", "First"]) module.DefineType(name, TypeAttributes.Public, typeof(BenchKind)).CreateType();
        var error = Assert.Throws<InvalidOperationException>(() => DeviceKinds.In(module.Assembly));
        Assert.Equal("Kind 'bench' is made by First and Second; give one of them another Code.", error.Message);
    }

    /// <summary>Benches with a counter of people.</summary>
    public class BenchKind : IDeviceKind
    {
        public string Code => "bench";

        public double Share => 1;

        public double IntervalSeconds => 60;

        public IEnumerable<DeviceSpec> Create(int count, CityWorld world) => [];
    }
}
