namespace SmartCity.Contracts;

/// <summary>One rule of who may do what.</summary>
/// <param name="Id">Its number, by which it is removed.</param>
/// <param name="Role">The role that it is for; <c>*</c> for all; <c>anonymous</c> for clients that nobody asked who they are.</param>
/// <param name="Pattern">A topic filter with <c>%c</c> (client id), <c>%u</c> (user) and <c>%d</c> (device), each filling a level or part of one; <c>%%</c> is a percent sign.</param>
public sealed record AccessRule(long Id, string Role, RuleEffect Effect, RuleAction Action, string Pattern);
