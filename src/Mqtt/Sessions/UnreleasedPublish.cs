namespace SmartCity.Mqtt;

/// <summary>A QoS 2 message that was taken and whose identifier is not released yet.</summary>
/// <param name="Source">The application's ticket.</param>
/// <param name="Ticket">The session journal's ticket; 0 for a session that is not kept.</param>
internal readonly record struct UnreleasedPublish(long Source, long Ticket);
