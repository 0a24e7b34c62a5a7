namespace Qrie.Domain.Catalog;

/// <summary>The current catalog. Read <see cref="Current"/> once per operation: a reload replaces the snapshot.</summary>
public interface ICatalog
{
    ResourceCatalog Current { get; }
}
