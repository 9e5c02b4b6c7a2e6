namespace SmartCity.Orleans.Contract.Tests;

/// <summary>Follows a route of calls from grain to grain.</summary>
public interface IChainGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes the first hop of the route, <c>how:key</c>, and sends the rest there; hops are separated by blanks. How: <c>call</c>;
    /// <c>allow</c> calls inside AllowCallChainReentrancy, <c>allowed</c> after it has ended, <c>suppress</c> inside
    /// SuppressCallChainReentrancy inside AllowCallChainReentrancy; <c>act</c> calls nobody, the scene holds it under that name.
    /// </summary>
    /// <returns>The key of the grain in which the route ended.</returns>
    Task<string> Go(string route);

    [AlwaysInterleave]
    Task Settle();
}
