using OnnxGrow.Analysis.Axes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Operators;

/// <summary>A tensor of one repeated value, of a computed shape.</summary>
[Operator("ConstantOfShape")]
internal sealed class ConstantOfShape : Operator
{
    public override bool TakesSizes(Node node, int input) => true;

    public override string? Flow(Node node, Flow flow)
    {
        if (node.Input(0)!.Elements is not { } shape)
        {
            // The shape is unknown, but nothing that grows can come through: a constant has no axes of its own.
            if (node.Output(0)?.Info is { } info)
            {
                Analysis.Flow.Set(node.Output(0), flow.AxesOf(info) ?? []);
            }

            return null;
        }

        double number = 0;
        if (node.Attribute("value")?.T is { } tensor)
        {
            if (!ElementTypes.HasDoubles((ElementType)tensor.DataType) || Tensors.CountOf(tensor) != 1)
            {
                throw new BadInputException(ErrorCode.Graph, $"{node.Display}: its value is {Tensors.TypeText(tensor)} {Tensors.ShapeText(tensor)}; it must be one number");
            }

            Span<double> one = stackalloc double[1];
            flow.Graph.Model.DataOf(tensor).ReadDoubles(0, one);
            number = one[0];
        }

        var axes = new Axis[shape.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            axes[i] = shape[i].ToAxis() ?? AxisSystem.NewAxis(null);
            flow.Require(axes[i], CarrierNeed.NoAverage | (number == 0 ? CarrierNeed.None : CarrierNeed.NoZero | CarrierNeed.NoScale), node, $"{node.Display} repeats one value");
            if ((axes[i].Extent is not null && shape[i].Known is not null) || shape[i] is BinarySize { IsProduct: true })
            {
                flow.Slots.Add(new SizeSlot(node, 0, null, i, shape[i], new AxisSize(axes[i])));
            }
        }

        Analysis.Flow.Set(node.Output(0), axes);
        int type = node.Attribute("value")?.T?.DataType ?? (int)ElementType.Float32;
        if (type is (int)ElementType.Int64 or (int)ElementType.Int32 && axes is [var only] && only.Extent is { } count and >= 0 and <= Analysis.Flow.MaxElements)
        {
            Analysis.Flow.SetElements(node.Output(0), [.. Enumerable.Range(0, (int)count).Select(_ => (SizeExpression)new ConstantSize(number, null))]);
        }

        return null;
    }
}
