using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Onnx;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Ligo;

/// <summary>
/// Writes a grown weight as nodes: the layers' weights mixed by learned numbers, then each axis widened by its operator
/// (growth-math, section 8: depth first, then a width map of the target layer).
/// </summary>
internal sealed class WeightLowering(OnnxModel model, GraphWriter writer, OperatorTable operators, LigoOptions options)
{
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = [.. model.Proto.Graph.Initializer.Select(t => t.Name), .. model.Proto.Graph.Node.SelectMany(n => n.Output)];
    private readonly Dictionary<GrowthOperator, (string Plain, string? Shared)> _written = [];

    /// <summary>Names of what is learned.</summary>
    public List<string> Learned { get; } = [];

    /// <summary>Writes a weight.</summary>
    /// <param name="name">Its name in the grown model.</param>
    /// <param name="module">The source weights that are mixed, each with its elements.</param>
    /// <param name="own">Which of them it is a copy of.</param>
    /// <param name="dims">Their extents.</param>
    /// <param name="axes">What is done along each axis.</param>
    /// <param name="coefficient">What the recipe multiplies source entries with.</param>
    /// <returns>The name of the result.</returns>
    public string Write(string name, IReadOnlyList<(string Name, TensorData Data)> module, int own, ImmutableArray<long> dims, OperatorAxis[] axes, double coefficient)
    {
        string value = Mixed(name, module, own, dims);
        long[] extents = [.. dims];
        for (int i = 0; i < axes.Length; i++)
        {
            value = axes[i].Appends ? Appended(value, extents, i, axes[i].Recipe.Expansion.Target)
                : axes[i].Pieces.Count > 0 ? Widened(value, extents, i, axes[i])
                : value;
        }

        return options.Start == LigoStart.Lossless ? writer.Mul(value, coefficient) : value;
    }

    private string Mixed(string name, IReadOnlyList<(string Name, TensorData Data)> module, int own, ImmutableArray<long> dims)
    {
        string key = string.Join('\n', module.Select(m => m.Name));
        long count = dims.Aggregate(1L, (n, d) => n * d);
        if (!_sources.TryGetValue(key, out string? source))
        {
            // One row a layer, so that a mixture of layers is a product.
            _sources.Add(key, source = Add("ligo/source/" + module[0].Name, module.Count == 1 ? [.. dims] : [module.Count, count], StackOf(module, checked((int)count))));
        }

        if (module.Count == 1)
        {
            return source;
        }

        string mixture = Learn("ligo/depth/" + name, [1, module.Count], MixtureOf(name, module.Count, own));
        return writer.Reshape(writer.MatMul(mixture, source), [.. dims]);
    }

    private static float[] StackOf(IReadOnlyList<(string Name, TensorData Data)> module, int count)
    {
        float[] stack = new float[checked(module.Count * count)];
        for (int layer = 0; layer < module.Count; layer++)
        {
            new LiftedData(module[layer].Data, ElementType.Float32).ReadBytes(0, MemoryMarshal.AsBytes(stack.AsSpan(layer * count, count)));
        }

        return stack;
    }

    /// <summary>The layer that it is a copy of; as published with noise, and a sum of one.</summary>
    private float[] MixtureOf(string name, int layers, int own)
    {
        double[] mixture = new double[layers];
        mixture[own] = 1;
        if (options.Start == LigoStart.Paper)
        {
            var random = SplitMix64.For(options.Seed, name);
            for (int i = 0; i < layers; i++)
            {
                mixture[i] += random.Uniform() * OperatorTable.Noise;
            }
        }

        double sum = mixture.Sum();
        return [.. mixture.Select(m => (float)(m / sum))];
    }

    private string Widened(string value, long[] extents, int index, OperatorAxis axis)
    {
        string[] parts = axis.Pieces.Count == 1 ? [value]
            : writer.Write("Split", [("axis", (long)index)], axis.Pieces.Count, value, writer.Ints([.. axis.Pieces.Select(p => (long)p.Source)]));
        for (int i = 0; i < parts.Length; i++)
        {
            OperatorPiece piece = axis.Pieces[i];
            GrowthOperator found = operators.Of(piece, axis.Recipe);
            (string plain, string? shared) = OperatorOf(found);
            extents[index] = piece.Source;
            parts[i] = Product(axis.Recipe.Role == AxisRole.Reader ? shared ?? plain : plain, parts[i], extents, index, piece.Target);
        }

        extents[index] = axis.Pieces.Sum(p => p.Target);
        return parts.Length == 1 ? parts[0] : writer.Op("Concat", [("axis", (long)index)], parts);
    }

    /// <summary>An operator times a tensor along one axis: one product of matrices, batched where there are axes on both sides.</summary>
    private string Product(string matrix, string value, long[] extents, int index, int target)
    {
        long before = Count(extents.AsSpan(0, index));
        long after = Count(extents.AsSpan(index + 1));
        long[] result = [.. extents];
        result[index] = target;
        string product = after == 1 ? writer.Op("Gemm", [("transB", 1L)], writer.Reshape(value, before, extents[index]), matrix)
            : before == 1 ? writer.Op("Gemm", matrix, writer.Reshape(value, extents[index], after))
            : writer.MatMul(matrix, writer.Reshape(value, before, extents[index], after));
        return writer.Reshape(product, result);
    }

    private string Appended(string value, long[] extents, int index, int target)
    {
        long[] more = [.. extents];
        more[index] = target - extents[index];
        extents[index] = target;
        return more[index] == 0 ? value
            : writer.Op("Concat", [("axis", (long)index)], value, writer.Op("Expand", writer.Scalar(0), writer.Ints(more)));
    }

    private (string Plain, string? Shared) OperatorOf(GrowthOperator op)
    {
        if (_written.TryGetValue(op, out (string, string?) known))
        {
            return known;
        }

        // The first rows of one that is learned in part are a constant of their own.
        int fixedCount = op.FixedRows * op.Source;
        string plain = op.FixedRows == 0 ? Learn(op.Name, [op.Target, op.Source], op.Values)
            : writer.Op(
                "Concat", [("axis", 0L)], Add(op.Name + "/fixed", [op.FixedRows, op.Source], op.Values[..fixedCount]),
                Learn(op.Name, [op.Target - op.FixedRows, op.Source], op.Values[fixedCount..]));
        string? shared = op.Shares is null ? null : writer.Op("Mul", plain, Add(op.Name + "/shares", [op.Source], op.Shares));
        _written.Add(op, (plain, shared));
        return (plain, shared);
    }

    private string Learn(string name, long[] dims, float[] values)
    {
        string given = Add(name, dims, values);
        Learned.Add(given);
        return given;
    }

    private string Add(string name, long[] dims, float[] values)
    {
        var tensor = new TensorProto { Name = Text.Unique(name, _names), DataType = (int)ElementType.Float32 };
        tensor.Dims.AddRange(dims);
        writer.Graph.Initializer.Add(tensor);
        model.SetData(tensor, MemoryTensorData.From(values));
        return tensor.Name;
    }

    private static long Count(ReadOnlySpan<long> extents)
    {
        long count = 1;
        foreach (long extent in extents)
        {
            count *= extent;
        }

        return count;
    }
}
