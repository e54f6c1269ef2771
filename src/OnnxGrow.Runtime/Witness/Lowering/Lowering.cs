namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Writes one operator as primitive operators in float64.</summary>
internal interface ILowering
{
    /// <summary>Emits the node's replacement; false leaves the node as it is.</summary>
    bool Lower(Emitter to);
}

/// <summary>Names the operator that a lowering is for. Adding an operator is adding a class with this attribute.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class LowersAttribute(string opType) : OperatorClassAttribute(opType);

/// <summary>The lowerings of this assembly, by operator.</summary>
internal static class LoweringTable
{
    private static readonly OperatorClasses<LowersAttribute, ILowering> Classes = new();

    /// <summary>The operators that are lowered.</summary>
    public static IEnumerable<string> Operators => Classes.Names;

    public static bool TryLower(Emitter emitter) => Classes.Of(emitter.Node)?.Lower(emitter) ?? false;
}
