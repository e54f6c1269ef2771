using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth;

/// <summary>Changes the epsilon of a norm, wherever it stands, without touching what shares the constant.</summary>
internal sealed class NormEditor(GraphEditor editor, GrowthSettings settings)
{
    private readonly Dictionary<(Value Constant, double Factor), string> _constants = [];

    /// <summary>Multiplies a norm's epsilon.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="node">The message of the node that takes epsilon: the norm's own, or a copy's.</param>
    /// <param name="factor">By what; relative to the source's epsilon.</param>
    /// <param name="rule">The rule that asks for it.</param>
    public void Scale(NormInstance norm, NodeProto node, double factor, string rule)
    {
        EpsilonSlot slot = norm.Epsilon ?? throw new CannotGrowException(ErrorCode.Weight, $"{norm.Display} has no epsilon to change");
        if (slot.Input < 0)
        {
            AttributeProto? attribute = node.Attribute.FirstOrDefault(a => a.Name == "epsilon");
            if (attribute is null)
            {
                attribute = new AttributeProto { Name = "epsilon", Type = AttributeProto.Types.AttributeType.Float };
                node.Attribute.Add(attribute);
            }

            double exact = slot.Value * factor;
            attribute.F = (float)exact;
            if (attribute.F == 0 || !float.IsFinite(attribute.F))
            {
                throw new CannotGrowException(ErrorCode.Weight, $"the epsilon of {norm.Display} would be {exact:R}, which float32 cannot hold");
            }

            editor.ExactAttributes[attribute] = exact;
            return;
        }

        Value constant = ConstantLeaf.Of(slot.Node.Input(slot.Input)!)!;
        if (!_constants.TryGetValue((constant, factor), out string? name))
        {
            TensorProto tensor = constant.Tensor!.Clone();
            editor.AddConstant(constant, constant.Name + "_grown", tensor, editor.Of(slot.Node));
            name = tensor.Name;
            WeightRecipe recipe = editor.Plain(constant, name, settings) with { Factor = factor, Rules = [rule] };
            editor.SetRecipe(name, constant, tensor, recipe);

            // A Constant node stands before one place only; another place makes its own.
            if (constant.Producer is null)
            {
                _constants.Add((constant, factor), name);
            }
        }

        node.Input[slot.Input] = name;
    }
}
