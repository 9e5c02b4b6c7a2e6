using System.Reflection;

namespace SmartCity.Simulators;

/// <summary>The kinds that a city has: every class with <see cref="IDeviceKind"/> in this assembly. Adding one is adding its file.</summary>
public static class DeviceKinds
{
    /// <summary>In the order of their codes, which is the same on every machine.</summary>
    public static IReadOnlyList<IDeviceKind> All { get; } = In(typeof(DeviceKinds).Assembly);

    /// <summary>The kinds of an assembly.</summary>
    /// <exception cref="InvalidOperationException">A class cannot be made, or two have the same code; the message names them.</exception>
    public static IReadOnlyList<IDeviceKind> In(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var kinds = assembly.GetTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IDeviceKind))).Select(Make)
            .OrderBy(k => k.Code, StringComparer.Ordinal).ToList();
        return kinds.GroupBy(k => k.Code, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new InvalidOperationException($"Kind '{twice.Key}' is made by {string.Join(" and ", twice.Select(k => k.GetType().Name).Order(StringComparer.Ordinal))}; give one of them another Code.")
            : kinds;
    }

    private static IDeviceKind Make(Type type) => type.GetConstructor(Type.EmptyTypes) is null
        ? throw new InvalidOperationException($"{type.Name} is a kind of device and has no public constructor without parameters; give it one.")
        : (IDeviceKind)Activator.CreateInstance(type)!;
}
