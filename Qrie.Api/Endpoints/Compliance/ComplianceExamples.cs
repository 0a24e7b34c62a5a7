namespace Qrie.Api.Endpoints.Compliance;

/// <summary>Examples for the OpenAPI document.</summary>
internal static class ComplianceExamples
{
    private const string Score =
        """
        {"passed": 31, "failed": 12, "unknown": 2, "not_applicable": 7, "not_assessed": 4, "not_checked": 1, "manual": 6, "total": 62, "denominator": 45,
         "percent": 68.89, "pairs": {"passed": 812, "failed": 64, "unknown": 9, "not_applicable": 120, "out_of_scope": 0, "excepted": 0,
                                      "denominator": 885, "percent": 91.75}}
        """;

    private const string Framework0 =
        """
        "id": "cis-5.0", "title": "CIS AWS Foundations Benchmark 5.0", "version": "5.0.0", "publisher": "Center for Internet Security",
        "about": "Every recommendation of the benchmark, of both levels.", "references": ["https://www.cisecurity.org/benchmark/amazon_web_services"]
        """;

    private const string Requirement0 =
        """
        {"id": "1.13", "title": "Access keys younger than 90 days", "section": "1", "state": "failed",
         "pairs": {"passed": 5, "failed": 1, "unknown": 0, "not_applicable": 3, "out_of_scope": 0, "excepted": 0}, "causes": [],
         "policies": [{"policy_id": "IAMAccessKeyNotRotated", "params": {"max_age_days": {"at_most": 90}}, "fit": "exact",
                       "pairs": {"passed": 5, "failed": 1, "unknown": 0, "not_applicable": 3, "out_of_scope": 0, "excepted": 0}}],
         "manual": null, "not_checked": null, "note": null, "attestation": null}
        """;

    private const string Attestation0 =
        """
        {"framework": "cis-5.0", "requirement": "1.1", "status": "pass", "text": "Contact details checked with finance.",
         "link": "https://wiki.example.com/aws-contacts", "attested_by": "k1a2b3c4", "attested_at": "2026-11-21T08:00:00.000Z",
         "expires_at": "2027-11-21T00:00:00.000Z", "expired": false}
        """;

    public const string Frameworks = $$"""{"account": null, "ou": null, "frameworks": [{ {{Framework0}}, "score": {{Score}} }]}""";

    public const string Framework = $$"""
        { {{Framework0}}, "score": {{Score}}, "account": "123456789012", "ou": null,
          "sections": [{"id": "1", "title": "Identity and access management", "score": {{Score}} }], "requirements": [{{Requirement0}}]}
        """;

    public const string Requirement = $$"""
        {"framework": {"id": "cis-5.0", "title": "CIS AWS Foundations Benchmark 5.0", "version": "5.0.0"}, "account": null, "ou": null,
         "requirement": {{Requirement0}}, "unknown_reasons": [], "unread_lists": [],
         "pairs": [{"policy_id": "IAMAccessKeyNotRotated", "arn": "arn:aws:iam::123456789012:user/anna", "account_id": "123456789012", "service": "iam",
                    "resource_type": "AWS::IAM::User", "region": "global", "verdict": "fail", "attribute": null, "error_code": null,
                    "evaluated_at": "2026-11-21T04:00:12.000Z", "finding_id": "MTIzNDU2Nzg5MDEyX2lhbQ"}]}
        """;

    public const string Trend = $$"""
        {"framework": "cis-5.0", "section": null, "account": null, "ou": null, "points": [{"date": "2026-11-21", "score": {{Score}} }],
         "marks": [{"date": "2026-11-18", "kind": "mapping", "message": "The requirements, or the policies that check them, changed."}]}
        """;

    public const string Report = $$"""
        {"framework": {{Framework}}, "organization": "default", "created_at": "2026-11-21T08:00:00.000Z", "accounts": 1, "qrie_version": "1.0.0",
         "framework_definition": "6f2c0d9b8a7e1f34", "policy_definitions": "0a1b2c3d4e5f6071",
         "failed_policies": [{"policy_id": "IAMAccessKeyNotRotated", "title": "IAM access key older than 90 days", "severity": 70, "requirements": ["1.13"],
                              "remediation": "Create a new key, move its users over, then delete the old one.", "fix": null, "failed": 1, "pairs": []}],
         "unknown_reasons": [], "unread_lists": [],
         "scans": [{"scan_id": "9b1c7f5e-2f0f-4a5c-8a51-9f6b2a4f0c11", "kind": "policy", "scan_type": "anti-entropy", "status": "completed",
                    "finished_at": "2026-11-21T04:00:12.000Z"}]}
        """;

    public const string LaunchBody = """{"section": "1", "preview": true}""";

    public const string LaunchPlan =
        """
        {"preview": true, "message": "1 policies would be launched, 1 are active already, 0 are suspended", "framework": "cis-5.0", "section": "1",
         "launch": [{"policy_id": "IAMAccessKeyUnused", "severity": 50, "requirements": ["1.11"], "params": {}, "resources": 24}],
         "active": [{"policy_id": "IAMAccessKeyNotRotated", "requirements": ["1.13"],
                     "differences": ["1.13: max_age_days is 365, at most 90 is demanded"]}],
         "suspended": [], "skipped": [], "resources": 24, "scan_id": null}
        """;

    public const string AttestationBody =
        """
        {"status": "pass", "text": "Contact details checked with finance.", "link": "https://wiki.example.com/aws-contacts",
         "expires_at": "2027-11-21T00:00:00Z"}
        """;

    public const string Attestation = Attestation0;

    public const string Attestations = $$"""{"attestations": [{{Attestation0}}]}""";
}
