namespace Qrie.Domain.Catalog;

/// <summary>The catalog as it is now. Take <see cref="Current"/> once per piece of work: a reload puts another snapshot there.</summary>
public interface ICatalog
{
    ResourceCatalog Current { get; }
}
