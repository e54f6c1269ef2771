using System.Collections.Frozen;
using System.Reflection;
using Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Writes one operator as primitive operators in float64.</summary>
internal interface ILowering
{
    /// <summary>Emits the node's replacement; false leaves the node as it is.</summary>
    bool Lower(Emitter to);
}

/// <summary>Names the operator that a lowering is for. Adding an operator is adding a class with this attribute.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class LowersAttribute(string opType) : Attribute
{
    public string OpType { get; } = opType;

    public string Domain { get; init; } = "";
}

/// <summary>The lowerings of this assembly, by operator.</summary>
internal static class LoweringTable
{
    private static readonly FrozenDictionary<(string Domain, string OpType), ILowering> Table = Find();

    /// <summary>The operators that are lowered.</summary>
    public static IEnumerable<string> Operators =>
        Table.Keys.Select(k => k.Domain.Length == 0 ? k.OpType : k.Domain + "." + k.OpType).Order(StringComparer.Ordinal);

    public static bool TryLower(Emitter emitter)
    {
        NodeProto node = emitter.Node;
        string domain = node.Domain == "ai.onnx" ? "" : node.Domain;
        return Table.TryGetValue((domain, node.OpType), out ILowering? lowering) && lowering.Lower(emitter);
    }

    private static FrozenDictionary<(string Domain, string OpType), ILowering> Find() =>
        typeof(LoweringTable).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<LowersAttribute>().Select(names => (Type: type, Names: names)))
            .ToFrozenDictionary(
                found => (found.Names.Domain, found.Names.OpType),
                found => (ILowering)Activator.CreateInstance(found.Type)!);
}
