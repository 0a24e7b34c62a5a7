namespace Qrie.Dynamo.Client;

/// <summary>A request that DynamoDB would refuse, or an emulator wrongly accept: a defect of the store, found before the request is sent.</summary>
public sealed class DynamoLimitException(string message) : Exception(message);
