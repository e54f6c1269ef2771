using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Analysis.Preparation;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Deepening;

/// <summary>Copies one layer, with weights of its own, so that it hands its input on (or, by a lossy method, as it is).</summary>
internal sealed class LayerCopy(GraphEditor editor, NormEditor norms, GrowthSettings settings, GrowthPlan plan, LayerShape shape, string suffix)
{
    private readonly Dictionary<string, string> _renamed = new(StringComparer.Ordinal);
    private readonly Dictionary<Node, NodeProto> _copies = [];
    private readonly Dictionary<string, string> _choices = new(StringComparer.Ordinal);

    /// <summary>The new nodes, in order.</summary>
    public List<NodeProto> Nodes { get; } = [];

    /// <summary>The name of this copy's choice between branches.</summary>
    private string ChoiceName(string name)
    {
        if (!_choices.TryGetValue(name, out string? own))
        {
            _choices.Add(name, own = editor.Unique($"{name}_{suffix}"));
        }

        return own;
    }

    /// <summary>The copy's name of a value of the layer.</summary>
    public string NameOf(Value value) => _renamed[value.Name];

    /// <summary>Makes the copy.</summary>
    /// <param name="input">Name of the value that it takes.</param>
    /// <param name="chain">The norms that it continues, for a Post-LN layer.</param>
    /// <returns>Name of the value that it hands on.</returns>
    public string Make(string input, PostNormChain? chain)
    {
        _renamed[shape.Layer.Input.Name] = input;
        foreach (ModelState state in shape.Layer.States)
        {
            _renamed[state.Input.Name] = editor.Unique($"{state.Input.Name}_{suffix}");
        }

        foreach (Node node in shape.Layer.Nodes)
        {
            if (node.Captured.Count > 0)
            {
                throw new CannotGrowException(
                    ErrorCode.Layers, $"layer {shape.Layer.Index}: {node.Display} holds a subgraph that uses values around it, which a copy of the layer would share with the original; such layers cannot be copied");
            }

            foreach (Value? output in node.Outputs)
            {
                if (output is { IsGraphOutput: true } && output != shape.Layer.Output && shape.Layer.States.All(s => s.Output != output))
                {
                    throw new CannotGrowException(
                        ErrorCode.Layers, $"layer {shape.Layer.Index} hands out '{Text.Name(output.Name)}' as an output of the model; a new layer would need a new output, and the interface must stay as it is");
                }
            }
        }

        foreach (Node node in shape.Layer.Nodes)
        {
            Copy(node);
        }

        foreach (NormInstance norm in shape.Norms)
        {
            Chain(norm, chain!);
        }

        return _renamed[shape.Layer.Output.Name];
    }

    private void Copy(Node node)
    {
        NodeProto copy = editor.Of(node).Clone();
        if (Branches.IsInside(copy) || copy.Domain == Branches.Domain)
        {
            Branches.MoveTo(copy, ChoiceName);
        }
        else
        {
            copy.Name = copy.Name.Length == 0 ? "" : editor.Unique($"{copy.Name}_{suffix}");
        }

        foreach (AttributeProto attribute in editor.Of(node).Attribute)
        {
            // Exact values of rounded attributes belong to the message; the copy needs its own entry.
            if (editor.ExactAttributes.TryGetValue(attribute, out double exact))
            {
                editor.ExactAttributes[copy.Attribute.First(a => a.Name == attribute.Name)] = exact;
            }
        }

        for (int i = 0; i < copy.Input.Count; i++)
        {
            // The layer's input is known by its source name: the message may already read another copy. What growth in
            // width has put in the place of another input (a list of sizes) is shared with the original layer.
            if (node.Input(i) is { } source && (source == shape.Layer.Input || shape.Layer.States.Any(s => s.Input == source) || source.Name == copy.Input[i])
                && _renamed.TryGetValue(source.Name, out string? renamed))
            {
                copy.Input[i] = renamed;
            }
            else if (node.Input(i) is { IsStatic: true, Elements: null } constant)
            {
                copy.Input[i] = CopyConstant(constant, copy.Input[i]);
            }
            else
            {
                copy.Input[i] = CopyInserted(copy.Input[i]);
            }
        }

        for (int i = 0; i < copy.Output.Count; i++)
        {
            if (node.Output(i) is { } output)
            {
                string name = editor.Unique($"{output.Name}_{suffix}");
                _renamed.Add(output.Name, name);
                copy.Output[i] = name;
            }
        }

        Nodes.Add(copy);
        _copies.Add(node, copy);
    }

    /// <summary>
    /// What growth in width has put before the original layer (a list of sizes that it reads off its own values) comes along
    /// where it follows from values of the layer.
    /// </summary>
    private string CopyInserted(string name)
    {
        if (_renamed.TryGetValue(name, out string? renamed))
        {
            return renamed;
        }

        if (!editor.Inserted.TryGetValue(name, out NodeProto? node))
        {
            return name;
        }

        string[] inputs = [.. node.Input.Select(i => i.Length == 0 ? i : CopyInserted(i))];
        if (inputs.SequenceEqual(node.Input))
        {
            return name;
        }

        NodeProto copy = node.Clone();
        copy.Name = copy.Name.Length == 0 ? "" : editor.Unique($"{copy.Name}_{suffix}");
        copy.Input.Clear();
        copy.Input.AddRange(inputs);
        for (int i = 0; i < copy.Output.Count; i++)
        {
            string own = editor.Unique($"{copy.Output[i]}_{suffix}");
            _renamed[copy.Output[i]] = own;
            copy.Output[i] = own;
        }

        Nodes.Add(copy);
        return _renamed[name];
    }

    /// <summary>Weights get a copy of their own; single numbers, masks and tables of indices are shared.</summary>
    private string CopyConstant(Value constant, string current)
    {
        if (_renamed.TryGetValue(constant.Name, out string? renamed))
        {
            return renamed;
        }

        if (constant.Tensor is { } tensor)
        {
            bool isWeight = ElementTypes.IsGrowable((ElementType)tensor.DataType)
                && (Tensors.CountOf(tensor) > 1 || shape.Zeros.ContainsKey(constant));
            if (!isWeight)
            {
                return current;
            }

            TensorProto grown = editor.Weights.TryGetValue(current, out GrownWeight? w) ? w.Tensor : tensor;
            return _renamed[constant.Name] = CopyWeight(constant, w?.Recipe ?? editor.Plain(constant, current, settings), grown);
        }

        if (constant.Producer is not { } node || !node.Inputs.Any(i => i is { IsStatic: true, Elements: null }))
        {
            return current;
        }

        // Operators between a weight and the layer (Transpose, Identity) come along.
        NodeProto copy = editor.Of(node).Clone();
        bool changed = false;
        for (int i = 0; i < copy.Input.Count; i++)
        {
            if (node.Input(i) is { IsStatic: true, Elements: null } inner)
            {
                string name = CopyConstant(inner, copy.Input[i]);
                changed |= name != copy.Input[i];
                copy.Input[i] = name;
            }
        }

        if (!changed)
        {
            return current;
        }

        copy.Name = copy.Name.Length == 0 ? "" : editor.Unique($"{copy.Name}_{suffix}");
        for (int i = 0; i < copy.Output.Count; i++)
        {
            copy.Output[i] = editor.Unique($"{copy.Output[i]}_{suffix}");
        }

        Nodes.Add(copy);
        return _renamed[constant.Name] = copy.Output[constant.OutputIndex];
    }

    private string CopyWeight(Value constant, WeightRecipe recipe, TensorProto like)
    {
        TensorProto tensor = like.Clone();
        tensor.Name = editor.Unique($"{constant.InitializerName}_{suffix}");
        if (constant.Producer is null)
        {
            editor.Target.Proto.Graph.Initializer.Add(tensor);
        }
        else
        {
            NodeProto node = editor.Of(constant.Producer).Clone();
            node.Name = node.Name.Length == 0 ? "" : editor.Unique($"{node.Name}_{suffix}");
            node.Output[0] = tensor.Name;
            ConstantNode.SetTensor(node, tensor);
            Nodes.Add(node);
        }

        bool zero = shape.Zeros.ContainsKey(constant);
        bool lossy = settings.Method.KeepsCopiedLayers;
        string rule = lossy ? "L.2" : zero && plan.Block == BlockStyle.Cancel ? "4.2" : "4.1";
        WeightRecipe own = recipe with
        {
            Name = tensor.Name,
            IsLossy = recipe.IsLossy || lossy,
            Factor = zero ? 0 : recipe.Factor,
            Offset = zero ? shape.Zeros[constant] : recipe.Offset,

            // Ones meet the mean in its tail (rule 3.15), which would go on into the stream.
            Free = zero && recipe.Free == FreeFill.One ? FreeFill.Zero : recipe.Free,
            ZeroSum = zero && plan.Block == BlockStyle.Cancel,
            Rules = [.. recipe.Rules.Append(rule).Distinct()],
        };
        editor.SetRecipe(tensor.Name, constant, tensor, own);
        return tensor.Name;
    }

    /// <summary>A norm that the unchanged stream still passes: standardise, and give the last one the gain and bias.</summary>
    private void Chain(NormInstance norm, PostNormChain chain)
    {
        bool last = chain.NextIsLast();
        EpsilonSlot slot = norm.Epsilon!;
        norms.Scale(norm, _copies[slot.Node], chain.Epsilons.Others / slot.Value, "4.4");
        Set(norm.Gain!, last ? chain.Gain : null, 1, last ? chain.Epsilons.GainFactor : 1);
        if (norm.Bias is not null)
        {
            Set(norm.Bias, last ? chain.Bias : null, 0, 1);
        }
    }

    private static int VectorAxis(Value leaf) =>
        Math.Max(0, leaf.Tensor!.Dims.ToList().FindIndex(d => d != 1));

    private void Set(Value constant, WeightRecipe? source, double unit, double factor)
    {
        Value leaf = ConstantLeaf.Of(constant)!;

        GrownWeight weight = editor.Weights[_renamed[leaf.Name]];
        WeightRecipe recipe = source is null
            ? weight.Recipe! with { Factor = 0, Offset = -unit, ZeroSum = false, Rules = ["4.4"] }
            : source.AsVector(weight.Recipe!.Axes.Length, VectorAxis(leaf)) with { Name = weight.Name, Factor = source.Factor * factor, Rules = [.. source.Rules.Append("4.4").Distinct()] };
        editor.SetRecipe(weight.Name, leaf, weight.Tensor, recipe);
    }
}
