namespace Qrie.JmesPath.Functions.Standard;

/// <summary>Functions of numbers.</summary>
internal static class NumberFunctions
{
    public static JmesFunction Abs { get; } = OfOne("abs", Math.Abs);

    public static JmesFunction Ceil { get; } = OfOne("ceil", Math.Ceiling);

    public static JmesFunction Floor { get; } = OfOne("floor", Math.Floor);

    public static JmesFunction Sum { get; } = new(
        "sum",
        [new("collection", JmesTypes.NumberArray)],
        static (in call) => Finite(call, Total(call[0])))
    {
        Result = Returns.Number,
    };

    public static JmesFunction Avg { get; } = new(
        "avg",
        [new("elements", JmesTypes.NumberArray)],
        static (in call) => call[0].Count == 0 ? default : Finite(call, Total(call[0]) / call[0].Count))
    {
        Result = Returns.NumberOrNull,
    };

    public static JmesFunction ToNumber { get; } = new(
        "to_number",
        [new("arg", JmesTypes.Any)],
        static (in call) => call[0].Kind switch
        {
            JmesKind.Number => call[0],
            JmesKind.String => Numerals.Parse(call[0].GetString()),
            _ => default,
        })
    {
        Result = Returns.NumberOrNull,
    };

    public static IEnumerable<JmesFunction> All => [Abs, Avg, Ceil, Floor, Sum, ToNumber];

    private static JmesFunction OfOne(string name, Func<double, double> compute) => new(
        name,
        [new("value", JmesTypes.Number)],
        (in call) => Finite(call, compute(call[0].GetNumber())))
    {
        Result = Returns.Number,
    };

    private static JmesValue Finite(in FunctionCall call, double number) =>
        double.IsFinite(number) ? JmesValue.FromNumber(number) : throw call.NotANumber("The result is too large.");

    /// <summary>Compensated summation (Neumaier), so that the order of the list hardly matters.</summary>
    private static double Total(in JmesValue numbers)
    {
        double sum = 0, lost = 0;
        foreach (var item in numbers.EnumerateArray())
        {
            var number = item.GetNumber();
            var next = sum + number;
            lost += Math.Abs(sum) >= Math.Abs(number) ? sum - next + number : number - next + sum;
            sum = next;
        }

        return double.IsFinite(sum) ? sum + lost : sum;
    }
}
