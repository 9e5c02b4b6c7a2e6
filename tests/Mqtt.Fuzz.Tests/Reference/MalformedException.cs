namespace SmartCity.Mqtt.Fuzz;

/// <summary>The reference reader refuses a packet.</summary>
internal sealed class MalformedException(string why) : Exception(why);
