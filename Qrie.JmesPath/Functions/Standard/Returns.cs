using Qrie.JmesPath.Typing;

namespace Qrie.JmesPath.Functions.Standard;

/// <summary>The types that functions give, for the type checker.</summary>
internal static class Returns
{
    public static Func<IReadOnlyList<JmesType>, JmesType>? Number => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? NumberOrNull => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? String => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? Boolean => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? Object => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? Merged => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? First => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? ItemOfFirst => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? OneOfAll => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? ListOfFirst => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? ListOfLists => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? ListOfMembers => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? ListOfStrings => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? ListOfYields => null;
    public static Func<IReadOnlyList<JmesType>, JmesType>? MapOfFirst => null;
}
