using Qrie.JmesPath.Functions;

namespace Qrie.JmesPath
{
    internal sealed class ExpressionReference;

    internal static class StaticReader
    {
        public static StaticReads Read(Evaluation.Node body) => throw new NotImplementedException();
    }
}

namespace Qrie.JmesPath.Syntax
{
    internal sealed record ParsedExpression(Evaluation.Node Body, int Slots, IReadOnlyList<JmesFunction> Functions, IReadOnlyList<string> Variables);

    internal static class Parser
    {
        public static ParsedExpression Parse(string text, JmesPathOptions options) => throw new NotImplementedException();
    }
}

namespace Qrie.JmesPath.Evaluation
{
    internal class Node
    {
        public int Position { get; init; }
    }

    internal sealed class FunctionCallNode : Node
    {
        public required JmesFunction Function { get; init; }

        public required IReadOnlyList<Node> Arguments { get; init; }
    }

    internal sealed class EvaluationState(string text, JmesPathOptions options, int slots, JmesValue root, EvaluationContext? context)
    {
        public CancellationToken Cancel => context?.Cancel ?? default;

        public JmesValue Run(Node body) => throw new NotImplementedException(text + options + slots + root + body);

        public void Charge(long steps) => throw new NotImplementedException();

        public void Reserve(long characters) => throw new NotImplementedException();

        public JmesValue Invoke(ExpressionReference reference, in JmesValue value) => throw new NotImplementedException();

        public JmesValue ReadVariable(string name, int position, bool whole) => throw new NotImplementedException();

        public JmesPathException TooDeep() => throw new NotImplementedException();

        public JmesPathException Error(JmesErrorKind kind, string reason, int position) => throw new NotImplementedException();
    }
}
