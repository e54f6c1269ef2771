using System.Collections.Frozen;
using System.Reflection;
using Onnx;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>The operators of this assembly.</summary>
internal static class OperatorTable
{
    private static readonly FrozenDictionary<(string Domain, string OpType), ITorchOperator> Table = Find();

    /// <summary>What runs a node; null where nothing does.</summary>
    public static ITorchOperator? Of(NodeProto node) => Table.GetValueOrDefault((DomainOf(node), node.OpType));

    /// <summary>An operator's name, with its domain where that is not ONNX's own.</summary>
    public static string NameOf(NodeProto node) => DomainOf(node).Length == 0 ? node.OpType : DomainOf(node) + "." + node.OpType;

    private static string DomainOf(NodeProto node) => node.Domain == "ai.onnx" ? "" : node.Domain;

    private static FrozenDictionary<(string Domain, string OpType), ITorchOperator> Find() =>
        typeof(OperatorTable).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<TorchOperatorAttribute>().Select(names => (Type: type, Names: names)))
            .ToFrozenDictionary(
                found => (found.Names.Domain, found.Names.OpType),
                found => (ITorchOperator)Activator.CreateInstance(found.Type)!);
}
