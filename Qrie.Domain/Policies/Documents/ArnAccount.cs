namespace Qrie.Domain.Policies.Documents;

/// <summary>The account in an ARN, its fifth part.</summary>
internal static class ArnAccount
{
    private const int PartsBefore = 4;

    /// <summary>Empty if the ARN has none, like that of a bucket; null if it is not an ARN.</summary>
    public static string? Of(string arn)
    {
        var start = 0;
        for (var part = 0; part < PartsBefore; part++)
        {
            var colon = arn.IndexOf(':', start);
            if (colon < 0)
            {
                return null;
            }

            start = colon + 1;
        }

        var end = arn.IndexOf(':', start);
        return end < 0 ? arn[start..] : arn[start..end];
    }
}
