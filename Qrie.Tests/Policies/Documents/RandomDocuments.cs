using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Qrie.Tests.Policies.Documents;

/// <summary>Generates documents with few names, which often match each other, and callers whose requests distinguish all of them.</summary>
internal sealed class RandomDocuments(int seed)
{
    public const string Own = "111111111111";
    public const string Other = "222222222222";

    /// <summary>One of each set of patterns that an action can match.</summary>
    public static readonly string[] Actions = ["svc:Get", "svc:Gxx", "svc:Set", "svc:Put", "svc:List", "svc:Else", "oth:Get", "sx:Get"];

    public static readonly string[] Resources =
    [
        "arn:aws:svc:::r", "arn:aws:svc:::r/a", "arn:aws:svc:::r/b", "arn:aws:svc:::r/abc", "arn:aws:svc:::rx", "arn:aws:svc:::R/a", "arn:aws:svc:::R/A",
        "arn:aws:svc:::q/a", "arn:aws:oth:::z",
    ];

    private static readonly string[] s_actionPatterns = ["svc:Get", "svc:Put", "svc:List", "svc:*", "*", "svc:G*", "svc:?et", "SVC:get", "s*:Get"];
    private static readonly string[] s_resourcePatterns =
    [
        "arn:aws:svc:::r", "arn:aws:svc:::r/a", "arn:aws:svc:::r/*", "arn:aws:svc:::R/*", "*", "arn:aws:svc:::r*", "arn:aws:svc:::r/?", "arn:aws:svc:::?/a",
    ];

    private static readonly string[] s_text = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"];
    private static readonly string[] s_arn = ["ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringNotLike"];
    private static readonly string[] s_set = ["ForAnyValue:StringLike", "ForAllValues:StringLike", "ForAnyValue:StringNotLike", "ForAllValues:StringNotLike"];
    private static readonly string[] s_number =
        ["NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericEquals", "NumericNotEquals"];

    private static readonly (string Key, string[] Operators, string[] Values)[] s_keys =
    [
        ("aws:PrincipalOrgID", s_text, ["o-own", "o-other", "o-*", "*"]),
        ("aws:PrincipalOrgPaths", s_set, ["o-own/*", "o-own/r-1/*", "o-*", "o-*/r-9/*"]),
        ("aws:TagKeys", s_set, ["a", "b", "a*"]),
        ("aws:PrincipalAccount", s_text, [Own, Other, "1111*", "*"]),
        ("aws:PrincipalArn", s_arn,
            [$"arn:aws:iam::{Own}:role/*", $"arn:aws:iam::{Other}:role/r", "arn:aws:iam::*:role/admin", "arn:*:iam::*:*"]),
        ("aws:SourceVpce", s_text, ["vpce-1", "vpce-2", "vpce-*"]),
        ("aws:SourceIp", ["IpAddress", "NotIpAddress"], ["203.0.113.0/24", "0.0.0.0/1", "128.0.0.0/1", "::/0", "0.0.0.0/0", "10.0.0.0/8"]),
        ("aws:SecureTransport", ["Bool"], ["true", "false"]),
        ("aws:PrincipalIsAWSService", ["Bool"], ["true", "false"]),
        ("aws:MultiFactorAuthPresent", ["Bool"], ["true", "false"]),
        ("aws:SourceAccount", s_text, [Own, Other, "*"]),
        ("aws:PrincipalTag/team", s_text, ["a", "b", "A"]),
        ("s3:max-keys", s_number, ["5", "10"]),
        ("aws:CurrentTime", ["DateLessThan", "DateGreaterThan"], ["2030-01-01T00:00:00Z", "2040-01-01T00:00:00Z"]),
    ];

    private readonly Random _random = new(seed);

    /// <summary>A policy of a resource: each statement has a principal.</summary>
    public JsonElement Next()
    {
        var statements = new JsonArray();
        for (var i = 1 + _random.Next(4); i > 0; i--)
        {
            statements.Add(Statement(statements.Count > 0 && _random.Next(3) > 0));
        }

        return JsonSerializer.SerializeToElement(new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statements });
    }

    private JsonObject Statement(bool denies)
    {
        var statement = new JsonObject { ["Effect"] = denies ? "Deny" : "Allow" };
        var principal = _random.Next(10);
        if (denies && principal == 0)
        {
            statement["NotPrincipal"] = new JsonObject { ["AWS"] = new JsonArray($"arn:aws:iam::{Own}:root", $"arn:aws:iam::{Own}:role/r") };
        }
        else
        {
            statement["Principal"] = principal switch
            {
                < 6 => "*",
                6 => new JsonObject { ["AWS"] = "*" },
                7 => new JsonObject { ["AWS"] = Other },
                8 => new JsonObject { ["AWS"] = new JsonArray($"arn:aws:iam::{Other}:role/r", $"arn:aws:iam::{Own}:root") },
                _ => new JsonObject { ["AWS"] = new JsonArray($"arn:aws:iam::{Other}:root", "*") },
            };
        }

        statement[_random.Next(6) == 0 ? "NotAction" : "Action"] = Some(s_actionPatterns);
        statement[_random.Next(6) == 0 ? "NotResource" : "Resource"] = Some(s_resourcePatterns);
        var conditions = new JsonObject();
        for (var i = _random.Next(3); i > 0; i--)
        {
            var (key, operators, values) = Pick(s_keys);
            var name = Pick(operators) + (_random.Next(4) == 0 ? "IfExists" : "");
            var isNull = _random.Next(12) == 0;
            name = isNull ? "Null" : name;
            if (conditions[name] is null)
            {
                conditions[name] = new JsonObject { [_random.Next(2) == 0 ? key : key.ToLowerInvariant()] = isNull ? Pick(["true", "false"]) : Some(values) };
            }
        }

        if (conditions.Count > 0)
        {
            statement["Condition"] = conditions;
        }

        return statement;
    }

    private JsonNode Some(string[] values)
    {
        var first = Pick(values);
        return _random.Next(3) == 0 ? new JsonArray(first, Pick(values)) : JsonValue.Create(first);
    }

    private T Pick<T>(T[] values) => values[_random.Next(values.Length)];

    /// <summary>Callers that no document names: without credentials, or of two accounts, from anywhere; and a service acting for them.</summary>
    public static IReadOnlyList<TriedCaller> PublicCallers { get; } = [.. Unnamed(["1.1.1.1", "150.1.1.1", "2600::1"])];

    /// <summary>The same from any public address, and through any endpoint.</summary>
    public static IReadOnlyList<TriedCaller> ExternalCallers { get; } = [.. Unnamed(["1.1.1.1", "150.1.1.1", "2600::1", "203.0.113.5"], "vpce-1", "vpce-2")];

    /// <summary>The members of the other account.</summary>
    public static IReadOnlyList<TriedCaller> OfOther { get; } =
    [
        .. Accounts([Other], ["o-own", "o-other", "o-stranger"], ["203.0.113.5", "1.1.1.1", "150.1.1.1", "2600::1"], ["vpce-1", "vpce-2", "vpce-9"]),
        Service(Other, ["203.0.113.5", "1.1.1.1", "150.1.1.1", "2600::1"]),
    ];

    /// <summary>Any caller, of any account.</summary>
    public static IReadOnlyList<TriedCaller> Everyone { get; } =
    [
        .. Accounts([Own, Other, "999999999999", "111199999999"], ["o-own", "o-other", "o-stranger"], ["203.0.113.5", "1.1.1.1", "150.1.1.1", "2600::1"],
            ["vpce-1", "vpce-2", "vpce-9"]),
        .. Anonymous(["203.0.113.5", "1.1.1.1", "150.1.1.1", "2600::1"], ["vpce-1", "vpce-2", "vpce-9"]),
    ];

    private static IEnumerable<TriedCaller> Unnamed(string[] addresses, params string[] endpoints) =>
    [
        .. Accounts(["999999999999", "111199999999"], ["o-stranger"], addresses, [.. endpoints, "vpce-9"]),
        .. Anonymous(addresses, [.. endpoints, "vpce-9"]),
        Service("999999999999", addresses),
    ];

    private static IEnumerable<TriedCaller> Accounts(string[] accounts, string[] organizations, string[] addresses, string[] endpoints) =>
        from account in accounts
        from name in new[] { "aws:iam::{0}:role/admin", "aws:iam::{0}:role/r", "aws:iam::{0}:user/x", "aws:sts::{0}:federated-user/f" }
        let arn = "arn:" + string.Format(CultureInfo.InvariantCulture, name, account)
        from network in new[] { true, false }
        select new TriedCaller("Account", arn, account)
        {
            Keys = Keys(network ? addresses : [], network ? [] : endpoints, new()
            {
                ["aws:principalarn"] = [[arn]],
                ["aws:principalaccount"] = [[account]],
                ["aws:principalorgid"] = [null, .. organizations.Select(one => new[] { one })],
                ["aws:principalorgpaths"] =
                    [null, .. organizations.SelectMany<string, string[]>(one => [[one + "/r-1/x/"], [one + "/r-9/"], [one + "/r-5/"], [one + "/r-1/r-9/"]])],
                ["aws:principalisawsservice"] = [["false"]],
                ["aws:multifactorauthpresent"] = [null, ["true"], ["false"]],
                ["aws:principaltag/team"] = [null, ["a"], ["b"], ["A"], ["B"], ["c"]],
            }),
        };

    private static IEnumerable<TriedCaller> Anonymous(string[] addresses, string[] endpoints) =>
        from network in new[] { true, false }
        select new TriedCaller("Anonymous", null, null) { Keys = Keys(network ? addresses : [], network ? [] : endpoints, []) };

    private static TriedCaller Service(string account, string[] addresses) => new("Service", null, null)
    {
        Keys = Keys(addresses, [], new()
        {
            ["aws:sourceaccount"] = [null, [account]],
            ["aws:principalisawsservice"] = [["true"]],
            ["aws:sourceip"] = [null, .. addresses.Select(address => new[] { address })],
        }),
    };

    private static Dictionary<string, string[]?[]> Keys(string[] addresses, string[] endpoints, Dictionary<string, string[]?[]> own)
    {
        var keys = new Dictionary<string, string[]?[]>(own);
        keys.TryAdd("aws:sourceip", addresses.Length == 0 ? [null] : [.. addresses.Select(address => new[] { address })]);
        keys["aws:sourcevpce"] = endpoints.Length == 0 ? [null] : [.. endpoints.Select(endpoint => new[] { endpoint })];
        keys["aws:tagkeys"] =
            [null, ["a"], ["b"], ["ax"], ["z"], ["a", "b"], ["a", "ax"], ["a", "z"], ["b", "z"], ["ax", "b"], ["a", "b", "z"], ["ax", "b", "z"]];
        keys["aws:securetransport"] = [["true"], ["false"]];
        keys["s3:max-keys"] = [null, ["1"], ["5"], ["7"], ["10"], ["20"]];
        keys["aws:currenttime"] = [["2029-01-01T00:00:00Z"], ["2035-01-01T00:00:00Z"], ["2045-01-01T00:00:00Z"]];
        return keys;
    }
}
