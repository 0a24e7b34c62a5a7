using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Qrie.Tests.Source;

/// <summary>Which methods of Dapper the stores call.</summary>
public sealed class QueryTests
{
    [Fact]
    public void Stores_read_rows_that_have_arrived()
    {
        using var file = new PEReader(File.OpenRead(typeof(Qrie.Sql.SqlStores).Assembly.Location));
        var metadata = file.GetMetadataReader();

        var called = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(m => m.Parent.Kind == HandleKind.TypeReference
                && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)m.Parent).Name) == "SqlMapper")
            .Select(m => metadata.GetString(m.Name)).ToList();

        called.ShouldContain("ExecuteReaderAsync");
        called.ShouldNotContain(
            name => name.StartsWith("Query", StringComparison.Ordinal) && name.EndsWith("Async", StringComparison.Ordinal),
            "it reads rows of PostgreSQL synchronously: BufferedQueries has a method that does not");
    }
}
