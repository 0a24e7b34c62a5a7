using System.Text.RegularExpressions;
using Qrie.JmesPath;
using Qrie.JmesPath.Functions;

namespace Qrie.Domain.Policies.Functions;

/// <summary>
/// <c>undecided(code)</c>: ends the expression, whose verdict is then unknown with the reason <c>code</c>. For facts that Qrie cannot read, such as a log group
/// of an account that is not registered: neither a pass nor a fail would be correct.
/// </summary>
internal static partial class Undecided
{
    public static JmesFunction Function { get; } = new("undecided", [new JmesParameter("code", JmesTypes.String)], Evaluate);

    private static JmesValue Evaluate(in FunctionCall call) => throw (Code().IsMatch(call[0].GetString())
        ? call.Undecided(call[0].GetString(), "the policy leaves it undecided")
        : call.InvalidValue(0, "a code is written in capitals: 'BUCKET_NOT_SEEN'"));

    [GeneratedRegex("^[A-Z][A-Z0-9_]{2,63}$")]
    private static partial Regex Code();
}
