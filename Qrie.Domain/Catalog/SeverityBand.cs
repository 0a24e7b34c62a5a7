namespace Qrie.Domain.Catalog;

/// <summary>The severity bands (contract.md section 2.2).</summary>
public enum SeverityBand
{
    Low,
    Medium,
    High,
    Critical,
}
