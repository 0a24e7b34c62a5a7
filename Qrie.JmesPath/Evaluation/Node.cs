using Qrie.JmesPath.Evaluation;

namespace Qrie.JmesPath.Evaluation
{
    /// <summary>A node of the parsed expression; evaluates itself. Immutable.</summary>
    internal abstract class Node
    {
        // Looking at the stack at every node would be felt, at every so many levels it is not.
        private const int LevelsBetweenStackChecks = 16;

        private readonly bool _guarded;

        /// <summary>Nodes directly below may only be given here: depth and weight are counted from them.</summary>
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

        /// <summary>Where its text begins.</summary>
        public int Position { get; }

        /// <summary>Levels of nodes, this one included: the stack that an evaluation takes.</summary>
        public int Depth { get; }

        /// <summary>Nodes, this one included: the steps that one evaluation takes, loops apart.</summary>
        public int Weight { get; }

        public JmesValue Evaluate(in JmesValue current, EvaluationState state)
        {
            if (_guarded)
            {
                state.EnsureStack();
            }

            return Compute(current, state);
        }

        /// <summary>Whether the result counts as true.</summary>
        public bool Test(in JmesValue current, EvaluationState state)
        {
            if (_guarded)
            {
                state.EnsureStack();
            }

            return Decide(current, state);
        }

        protected abstract JmesValue Compute(in JmesValue current, EvaluationState state);

        /// <summary>Overridden where a yes or no is cheaper than a value.</summary>
        protected virtual bool Decide(in JmesValue current, EvaluationState state) => state.IsTruthy(Compute(current, state));
    }
}

namespace Qrie.JmesPath
{
    /// <summary>What the value <c>&amp;expression</c> refers to. Values bound by let around it are found in the running evaluation.</summary>
    internal sealed class ExpressionReference(Node body)
    {
        public Node Body { get; } = body;
    }
}
