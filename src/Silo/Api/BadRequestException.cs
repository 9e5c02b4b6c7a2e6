namespace SmartCity.Silo;

/// <summary>The caller asked for something that cannot be; answered as 400 with the message as detail.</summary>
internal sealed class BadRequestException(string message) : Exception(message);
