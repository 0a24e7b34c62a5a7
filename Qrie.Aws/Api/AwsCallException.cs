namespace Qrie.Aws.Api;

/// <summary>
/// A call that should never have been made: unknown service, operation or parameter, or an operation that Qrie refuses. A fault of the catalog, not of AWS.
/// </summary>
public class AwsCallException(string message) : Exception(message);

/// <summary>An operation that is not on the list of harmless reads.</summary>
public sealed class OperationRefusedException(string message) : AwsCallException(message);
