using System.Collections.Frozen;
using System.Reflection;
using Onnx;

namespace OnnxGrow;

/// <summary>Names an operator that a class is for. Adding an operator is adding a class with such an attribute.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal abstract class OperatorClassAttribute(string opType) : Attribute
{
    public string OpType { get; } = opType;

    public string Domain { get; init; } = "";
}

/// <summary>The classes of an assembly that are for operators, one of each.</summary>
/// <typeparam name="TAttribute">The attribute that names the operators, in the assembly that is searched.</typeparam>
/// <typeparam name="TClass">What the classes are.</typeparam>
internal sealed class OperatorClasses<TAttribute, TClass>
    where TAttribute : OperatorClassAttribute
    where TClass : class
{
    private readonly FrozenDictionary<(string Domain, string OpType), TClass> _classes =
        typeof(TAttribute).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<TAttribute>().Select(names => (Type: type, Names: names)))
            .ToFrozenDictionary(
                found => (found.Names.Domain, found.Names.OpType),
                found => (TClass)Activator.CreateInstance(found.Type)!);

    /// <summary>The names of the operators.</summary>
    public IEnumerable<string> Names => _classes.Keys.Select(k => OperatorNames.Of(k.Domain, k.OpType)).Order(StringComparer.Ordinal);

    /// <summary>The class that is for a node's operator; null where there is none.</summary>
    public TClass? Of(NodeProto node) => _classes.GetValueOrDefault((OperatorNames.DomainOf(node), node.OpType));
}

/// <summary>How operators are named.</summary>
internal static class OperatorNames
{
    /// <summary>A node's domain; empty for ONNX's own, which has two names.</summary>
    public static string DomainOf(NodeProto node) => node.Domain == "ai.onnx" ? "" : node.Domain;

    /// <summary>An operator's name, with its domain where that is not ONNX's own.</summary>
    public static string Of(NodeProto node) => Of(DomainOf(node), node.OpType);

    /// <summary>An operator's name, with its domain where that is not empty.</summary>
    public static string Of(string domain, string opType) => domain.Length == 0 ? opType : domain + "." + opType;
}
