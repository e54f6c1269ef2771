using System.Collections.Frozen;
using System.Reflection;
using Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>The gradients of this assembly, by operator.</summary>
internal static class GradientTable
{
    private static readonly FrozenDictionary<(string Domain, string OpType), IGradient> Table = Find();

    /// <summary>The operators that are differentiated.</summary>
    public static IEnumerable<string> Operators =>
        Table.Keys.Select(k => k.Domain.Length == 0 ? k.OpType : k.Domain + "." + k.OpType).Order(StringComparer.Ordinal);

    /// <summary>What differentiates a node; null where nothing does.</summary>
    public static IGradient? Of(NodeProto node) => Table.GetValueOrDefault((DomainOf(node), node.OpType));

    /// <summary>Whether a node's outputs are constants as far as its inputs change a little.</summary>
    public static bool IsFlat(NodeProto node) => DomainOf(node).Length == 0 && FlatOperators.Names.Contains(node.OpType);

    private static string DomainOf(NodeProto node) => node.Domain == "ai.onnx" ? "" : node.Domain;

    private static FrozenDictionary<(string Domain, string OpType), IGradient> Find() =>
        typeof(GradientTable).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<GradientAttribute>().Select(names => (Type: type, Names: names)))
            .ToFrozenDictionary(
                found => (found.Names.Domain, found.Names.OpType),
                found => (IGradient)Activator.CreateInstance(found.Type)!);
}
