using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Qrie.Domain.Compliance;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Compliance;

/// <summary>Whose state is asked for.</summary>
internal sealed record ComplianceQuery
{
    [FromQuery(Name = "account")]
    [Description("One account.")]
    public string? Account { get; init; }

    [FromQuery(Name = "account_id")]
    [Description("An alias of account.")]
    public string? AccountId { get; init; }

    [FromQuery(Name = "ou")]
    [Description("The path of an organizational unit, /Production; the units below it are included.")]
    public string? Ou { get; init; }

    public ComplianceScope ToScope(FieldErrors errors)
    {
        errors.Require((Account ?? AccountId) is null || Ou is null, "ou", "Give either account or ou.");
        return new ComplianceScope(NullIfEmpty(Account ?? AccountId), NullIfEmpty(Ou));
    }

    public ComplianceScope ToScope()
    {
        var errors = new FieldErrors();
        var scope = ToScope(errors);
        errors.ThrowIfAny();
        return scope;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
