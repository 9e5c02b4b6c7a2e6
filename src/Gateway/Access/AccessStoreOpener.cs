namespace SmartCity.Gateway;

/// <summary>Opens the store of users and rules; null when there is none and none is to be made.</summary>
public delegate IAccessStore? AccessStoreOpener(bool create);
