using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies.Functions;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies;

/// <summary>
/// Evaluates policies by the rule of design.md section 3: a violation found without reading an unknown attribute is a fail; otherwise reading one gives
/// unknown; a run-time error gives unknown. Missing data never passes.
/// </summary>
public sealed class PolicyEvaluator : IPolicyEvaluator
{
    /// <summary>The configuration member that lists attributes that could not be read.</summary>
    public const string UnknownMember = ResourceTypeDefinition.UnknownMember;

    private const string TagsVariable = "$tags";
    private const string TagsAttribute = "Tags";
    private const string TagsUnknown = "TAGS_UNKNOWN";

    public PolicyVerdict Evaluate(PolicyDefinition policy, PolicyInput input) => Evaluate(policy, input, null);

    /// <summary>
    /// Also reports what was read: attributes of the configuration by their top-level names, <c>@</c> for all of them, <c>$tags</c> and lookups as variables.
    /// </summary>
    /// <param name="read">Receives them; null if not needed.</param>
    /// <param name="cancel">Cancels long-running expressions of callers.</param>
    internal static PolicyVerdict Evaluate(PolicyDefinition policy, PolicyInput input, HashSet<string>? read, CancellationToken cancel = default)
    {
        var evaluation = new Evaluation(policy, input, read, cancel);
        if (policy.Applies is { } applies)
        {
            var (value, reason) = evaluation.Run(applies);
            if (reason is not null)
            {
                return new PolicyVerdict { Verdict = Verdict.Unknown, Reason = reason };
            }

            if (value.IsFalsy)
            {
                return PolicyVerdict.NotApplicable;
            }
        }

        UnknownReason? undecided = null;
        foreach (var alternative in policy.Violation)
        {
            var (value, reason) = evaluation.Run(alternative);
            if (reason is not null)
            {
                undecided ??= reason;
            }
            else if (value.IsTruthy)
            {
                return new PolicyVerdict { Verdict = Verdict.Fail, Evidence = evaluation.Evidence(value) };
            }
        }

        return undecided is null
            ? PolicyVerdict.Pass
            : new PolicyVerdict { Verdict = Verdict.Unknown, Reason = undecided };
    }

    /// <summary>Evaluates one expression over a resource; the reason says why its value is unreliable, null if it is reliable.</summary>
    internal static (JmesValue Value, UnknownReason? Reason) EvaluateAlone(JmesPathExpression expression, PolicyInput input) =>
        new Evaluation(expression.Variables, input).Run(expression);

    /// <summary>Evaluates one expression and reports what it read; errors are thrown.</summary>
    /// <exception cref="JmesPathException">It fails on this resource, or exceeds a limit.</exception>
    internal static (JmesValue Value, UnknownReason? Reason) EvaluateOpenly(
        JmesPathExpression expression, PolicyInput input, HashSet<string> read, CancellationToken cancel) =>
        new Evaluation(expression.Variables, input, read: read, cancel: cancel).RunOpenly(expression);

    private sealed class Evaluation
    {
        private readonly PolicyDefinition? _policy;
        private readonly JmesValue _root;
        private static readonly Dictionary<string, JmesValue> s_noVariables = [];

        private readonly Dictionary<string, JmesValue> _variables;

        /// <summary>Null if everything is known, which is the common case.</summary>
        private Dictionary<string, string>? _unknown;
        private readonly HashSet<string>? _read;
        private readonly CancellationToken _cancel;

        public Evaluation(PolicyDefinition policy, PolicyInput input, HashSet<string>? read, CancellationToken cancel)
            : this(policy.Variables, input, policy.Params, read, cancel) => _policy = policy;

        public Evaluation(
            IReadOnlyCollection<string> variables, PolicyInput input, IReadOnlyDictionary<string, JsonElement>? standards = null, HashSet<string>? read = null,
            CancellationToken cancel = default)
        {
            _root = input.Configuration;
            _read = read;
            _cancel = cancel;
            _variables = Bind(variables, input, standards ?? input.Params);
            if ((input.Unknown ?? PolicyInput.UnknownOf(input.Configuration)) is { Count: > 0 } unknown)
            {
                _unknown = new Dictionary<string, string>(unknown);
            }

            if (input.Tags is null)
            {
                _unknown ??= [];
                _unknown[TagsVariable] = _unknown.GetValueOrDefault(TagsAttribute) ?? _unknown.GetValueOrDefault(AttributeDefinition.Merged) ?? TagsUnknown;
            }

            if (input.Related.Count > 0)
            {
                foreach (var (name, related) in input.Related)
                {
                    AddUnknown("$" + name, related);
                }
            }
        }

        private void AddUnknown(string variable, RelatedResources related)
        {
            if (related.Code is { } code)
            {
                _unknown ??= [];
                _unknown[variable] = code;
            }

            foreach (var resource in related.Resources)
            {
                if (resource.TryGetProperty(UnknownMember, out var unknown))
                {
                    _unknown ??= [];
                    foreach (var attribute in unknown.EnumerateObject())
                    {
                        _unknown[$"{variable}.{attribute.Name}"] = attribute.Value.ToString();
                    }
                }
            }
        }

        /// <summary>The value, and why it is unreliable; null if it is reliable.</summary>
        public (JmesValue Value, UnknownReason? Reason) Run(JmesPathExpression expression)
        {
            try
            {
                return RunOpenly(expression);
            }
            catch (JmesPathException wrong)
            {
                return (
                    JmesValue.Null,
                    new UnknownReason(null, wrong.Kind is JmesErrorKind.MissingValue ? UnknownReason.MissingValue : UnknownReason.EvaluationError));
            }
        }

        /// <summary>The same, with the error of an expression that fails although everything it read is known.</summary>
        public (JmesValue Value, UnknownReason? Reason) RunOpenly(JmesPathExpression expression)
        {
            // Most resources are completely known: then tracing is not needed, and would cost more than the evaluation.
            var trace = _unknown is not null || _read is not null ? new EvaluationTrace(_unknown?.Keys) : null;
            try
            {
                var value = expression.Evaluate(_root, new EvaluationContext { Variables = _variables, Trace = trace, Cancel = _cancel });
                return (value, Touched(trace));
            }
            catch (JmesPathException) when (trace?.TouchedUnknown == true)
            {
                // An unknown attribute explains an error better than the error itself: for instance null where a list was expected.
                return (JmesValue.Null, Touched(trace));
            }
            catch (JmesPathException wrong) when (wrong.UndecidedBy is { } code)
            {
                return (JmesValue.Null, new UnknownReason(null, code, wrong.Subject));
            }
            finally
            {
                if (_read is not null)
                {
                    Note(trace!, _read);
                }
            }
        }

        private void Note(EvaluationTrace trace, HashSet<string> read)
        {
            read.UnionWith(trace.Members);
            if (trace.ReadsWhole)
            {
                read.Add("@");
            }

            read.UnionWith(trace.Variables.Where(name => name == TagsVariable[1..] || _policy?.Lookups.Any(lookup => lookup.Name == name) == true)
                .Select(name => "$" + name));
        }

        /// <summary>Computes the evidence. It never changes the verdict: an expression that fails here only shows less.</summary>
        public JsonElement Evidence(JmesValue violation)
        {
            var shown = JmesValue.Null;
            if (_policy!.Evidence is { } expression)
            {
                try
                {
                    shown = expression.Evaluate(_root, new EvaluationContext { Variables = _variables, Cancel = _cancel });
                }
                catch (JmesPathException)
                {
                    shown = JmesValue.Null;
                }
            }

            return EvidenceLimit.Apply(shown.Kind is JmesKind.Object ? shown : JmesValue.FromObject(KeyValuePair.Create("violation", violation)));
        }

        private UnknownReason? Touched(EvaluationTrace? trace)
        {
            var touched = trace?.UnknownTouched.FirstOrDefault();
            return touched is null ? null : new UnknownReason(touched == TagsVariable ? TagsAttribute : touched, _unknown![touched]);
        }

        /// <summary>Only the variables that the expressions use: most use none.</summary>
        private static Dictionary<string, JmesValue> Bind(
            IReadOnlyCollection<string> names, PolicyInput input, IReadOnlyDictionary<string, JsonElement> standards)
        {
            if (names.Count == 0)
            {
                return s_noVariables;
            }

            var variables = new Dictionary<string, JmesValue>();
            foreach (var name in names)
            {
                variables[name] = name switch
                {
                    "account" => JmesValue.FromString(input.AccountId),
                    "region" => JmesValue.FromString(input.Region),
                    "arn" => JmesValue.FromString(input.Arn),
                    "partition" => JmesValue.FromString(input.Partition),
                    "now" => JmesValue.FromString(Times.Format(input.Now)),
                    "tags" => input.Tags is null
                        ? JmesValue.Null
                        : JmesValue.FromObject(input.Tags.Select(tag => KeyValuePair.Create(tag.Key, JmesValue.FromString(tag.Value)))),
                    _ when standards.TryGetValue(name, out var standard) => input.Params.TryGetValue(name, out var given) ? given : standard,
                    _ when input.Related.TryGetValue(name, out var related) => JmesValue.FromArray(related.Resources.Select(JmesValue.FromElement)),
                    _ => JmesValue.EmptyArray, // a lookup that found nothing
                };
            }

            return variables;
        }
    }
}
