namespace SmartCity.Gateway;

/// <summary>A message on its way to its grain through a partition.</summary>
internal readonly record struct PendingMessage(DeviceEntry Device, DeviceMessage Message, PendingBatch Batch);
