using Qrie.Domain.Policies.Testing;

namespace Qrie.Tests.Catalog;

public class ShippedPolicyTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var policy in ShippedCatalog.Instance.Policies)
        {
            foreach (var test in policy.Tests)
            {
                cases.Add(policy.Id, test.Name);
            }
        }

        return cases;
    }

    public static TheoryData<string> Policies() => [.. ShippedCatalog.Instance.Policies.Select(policy => policy.Id)];

    [Theory, MemberData(nameof(Cases))]
    public void A_policy_has_the_verdict_of_its_case(string policy, string name)
    {
        var definition = ShippedCatalog.Instance.FindPolicy(policy)!;

        PolicyTestRunner.Run(definition, definition.Tests.Single(test => test.Name == name)).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Policies))]
    public void A_policy_has_a_case_for_an_attribute_that_could_not_be_read(string policy) =>
        ShippedCatalog.Instance.FindPolicy(policy)!.Tests.ShouldContain(test => test.Expect == "unknown");
}
