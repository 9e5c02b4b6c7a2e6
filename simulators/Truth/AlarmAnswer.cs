namespace SmartCity.Simulators;

/// <summary>Whether an alarm must be raised for a device.</summary>
/// <param name="Rule"><see cref="AlarmRule.Id"/>.</param>
/// <param name="Device">Device id.</param>
/// <param name="Must"><c>fire</c>, <c>not</c>, or <c>may</c> where it hangs on a message without an acknowledgement.</param>
/// <param name="From">First reading of the time in which the condition held; null for <c>not</c>. Event time.</param>
/// <param name="Due">Event time of the first reading with which the condition has held for long enough.</param>
/// <param name="To">Last reading of that time.</param>
/// <param name="Peak">Its farthest value; for <c>not</c>, the one that came nearest.</param>
/// <param name="Causes">Faults and scenarios that touched readings of that time.</param>
public sealed record AlarmAnswer(string Rule, string Device, string Must, DateTimeOffset? From, DateTimeOffset? Due, DateTimeOffset? To, double Peak, IReadOnlyList<string> Causes);
