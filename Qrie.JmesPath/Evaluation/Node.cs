using Qrie.JmesPath.Evaluation;

namespace Qrie.JmesPath.Evaluation
{
    /// <summary>A node of the parsed expression, which evaluates itself. Immutable.</summary>
    internal abstract class Node
    {
        // Checking the stack at every node would be slow, so it is done every few levels.
        private const int LevelsBetweenStackChecks = 16;

        private readonly bool _guarded;

        /// <summary>All child nodes must be passed here, because depth and weight are computed from them.</summary>
        protected Node(int position, params ReadOnlySpan<Node> children)
        {
            Position = position;
            foreach (var child in children)
            {
                Depth = Math.Max(Depth, child.Depth);
                Weight += child.Weight;
            }

            Depth++;
            Weight++;
            _guarded = Depth % LevelsBetweenStackChecks == 0;
        }

        /// <summary>The position of its text.</summary>
        public int Position { get; }

        /// <summary>The depth of the tree, including this node: the stack that an evaluation needs.</summary>
        public int Depth { get; }

        /// <summary>The number of nodes, including this one: the steps of one evaluation without loops.</summary>
        public int Weight { get; }

        public JmesValue Evaluate(in JmesValue current, EvaluationState state)
        {
            if (_guarded)
            {
                state.EnsureStack();
            }

            return Compute(current, state);
        }

        /// <summary>Whether the result is truthy.</summary>
        public bool Test(in JmesValue current, EvaluationState state)
        {
            if (_guarded)
            {
                state.EnsureStack();
            }

            return Decide(current, state);
        }

        protected abstract JmesValue Compute(in JmesValue current, EvaluationState state);

        /// <summary>Overridden where a boolean is cheaper to compute than a value.</summary>
        protected virtual bool Decide(in JmesValue current, EvaluationState state) => state.IsTruthy(Compute(current, state));
    }
}

namespace Qrie.JmesPath
{
    /// <summary>The expression that the value <c>&amp;expression</c> refers to. Values bound by an enclosing let are found in the running evaluation.</summary>
    internal sealed class ExpressionReference(Node body)
    {
        public Node Body { get; } = body;
    }
}
