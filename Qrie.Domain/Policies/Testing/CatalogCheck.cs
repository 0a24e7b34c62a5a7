using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Catalog.Typing;

namespace Qrie.Domain.Policies.Testing;

/// <summary>The result of checking a catalog: whether it loads, and whether the policies' tests pass.</summary>
/// <param name="Errors">Errors in files.</param>
/// <param name="Failures">Failed test cases; empty if files have errors, because no case was run then.</param>
/// <param name="Notes">What is valid but may not mean what its author thinks.</param>
/// <param name="Services">Services that were read.</param>
/// <param name="Policies">Policies that were read.</param>
/// <param name="Cases">Cases that were run.</param>
public sealed record CatalogCheckReport(
    IReadOnlyList<CatalogError> Errors, IReadOnlyList<string> Failures, IReadOnlyList<CatalogError> Notes, int Services, int Policies, int Cases)
{
    public bool IsGood => Errors.Count == 0 && Failures.Count == 0;
}

/// <summary>Loads a catalog and runs the cases of its policies, as <c>qrie catalog check</c> does.</summary>
public static class CatalogCheck
{
    public static CatalogCheckReport Run(IReadOnlyList<string> folders, IOperationShapes shapes)
    {
        ResourceCatalog catalog;
        try
        {
            catalog = CatalogLoader.Load(folders, shapes, checkAll: true);
        }
        catch (CatalogException wrong)
        {
            return new CatalogCheckReport(wrong.Errors, [], [], 0, 0, 0);
        }

        var failures = catalog.Policies.SelectMany(policy => policy.Tests.SelectMany(test => PolicyTestRunner.Run(policy, test))).ToList();
        return new CatalogCheckReport(
            [], failures, catalog.Notes, catalog.Services.Count, catalog.Policies.Count, catalog.Policies.Sum(policy => policy.Tests.Count));
    }
}
