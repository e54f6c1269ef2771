using System.Collections.Frozen;
using System.Reflection;

namespace OnnxGrow.Analysis;

/// <summary>How axes flow through an operator: one class (and file) an operator, found by its attribute.</summary>
internal abstract class Operator
{
    /// <summary>Whether the operator copes with inputs whose rank is unknown.</summary>
    public virtual bool AcceptsUnknownShapes => false;

    /// <summary>How many inputs, from the first on, a node must have.</summary>
    public virtual int RequiredInputs(Node node) => 1;

    /// <summary>
    /// The inputs whose entries stand unchanged in an output, such as the past in a key/value cache that grows by a token.
    /// </summary>
    public virtual IEnumerable<int> HandsOn(Node node, int output) => [];

    /// <summary>Whether an input's elements are sizes to this operator (a shape, bounds of a range) rather than data.</summary>
    public virtual bool TakesSizes(Node node, int input) => false;

    /// <summary>Whether the results depend on what weights have made of the model's inputs, because this input does.</summary>
    public virtual bool Mixes(Node node, Value input) => input.IsMixed;

    /// <summary>Whether the node itself sums over a weight.</summary>
    public virtual bool MixesWeights(Node node) => false;

    /// <summary>
    /// Sets the axes of the outputs and says what the operator needs of those of its inputs.
    /// </summary>
    /// <returns>Null, or why no axis may grow through this node.</returns>
    public abstract string? Flow(Node node, Flow flow);
}

/// <summary>Names the operator that a class describes; may be given more than once.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class OperatorAttribute(string opType) : Attribute
{
    public string OpType { get; } = opType;

    public string Domain { get; init; } = "";
}

/// <summary>All operators that are known.</summary>
internal static class OperatorTable
{
    private static readonly FrozenDictionary<(string Domain, string OpType), Operator> Known = Collect();

    public static Operator? Find(Node node) =>
        Known.GetValueOrDefault((node.Proto.Domain is "ai.onnx" ? "" : node.Proto.Domain, node.Proto.OpType));

    public static IEnumerable<string> Names => Known.Keys.Select(k => k.Domain.Length == 0 ? k.OpType : k.Domain + "." + k.OpType);

    private static FrozenDictionary<(string Domain, string OpType), Operator> Collect()
    {
        var known = new Dictionary<(string, string), Operator>();
        foreach (Type type in typeof(Operator).Assembly.GetTypes())
        {
            if (type.IsAbstract || !type.IsSubclassOf(typeof(Operator)))
            {
                continue;
            }

            var instance = (Operator)Activator.CreateInstance(type)!;
            foreach (OperatorAttribute name in type.GetCustomAttributes<OperatorAttribute>())
            {
                known.Add((name.Domain, name.OpType), instance);
            }
        }

        return known.ToFrozenDictionary();
    }
}
