namespace Qrie.Aws.Api;

/// <summary>
/// An invalid call: unknown service, operation or parameter, or an operation that Qrie refuses. An error in the catalog, not in AWS.
/// </summary>
public class AwsCallException(string message) : Exception(message);

/// <summary>The operation is not on the list of allowed reads.</summary>
public sealed class OperationRefusedException(string message) : AwsCallException(message);
