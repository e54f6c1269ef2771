using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Multiplication and division, entry by entry.</summary>
[Operator("Mul")]
[Operator("Div")]
internal sealed class Product : Operator
{
    public override int RequiredInputs(Node node) => 2;

    public override string? Flow(Node node, Flow flow)
    {
        Value a = node.Input(0)!;
        Value b = node.Input(1)!;
        bool divides = node.Is("Div");
        Axis[][] aligned = Broadcasting.Align(a.Axes!, b.Axes!);
        var result = new Axis[aligned.Length];
        for (int i = 0; i < aligned.Length; i++)
        {
            result[i] = Meet(aligned[i][0], aligned[i][1], a, b, divides, node, flow);
        }

        Analysis.Flow.Set(node.Output(0), result);
        Analysis.Flow.SetElements(node.Output(0), SizeArithmetic.Binary(node, !divides ? '*' : Onnx.ElementTypes.IsGrowable(SizeType.Of(a)) ? '/' : '\\'));
        return null;
    }

    private static Axis Meet(Axis x, Axis y, Value a, Value b, bool divides, Node node, Flow flow)
    {
        bool oneX = Broadcasting.IsOne(x);
        bool oneY = Broadcasting.IsOne(y);
        if (oneY)
        {
            return x;
        }

        if (oneX)
        {
            if (divides)
            {
                flow.Require(y, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} divides by the axis");
            }

            return y;
        }

        if (a.IsStatic != b.IsStatic && !(divides && a.IsStatic))
        {
            Axis activation = a.IsStatic ? y : x;
            Axis weight = a.IsStatic ? x : y;
            Axis output = flow.System.Mirror(activation);
            if (!flow.System.SameSize(activation, weight))
            {
                return Freeze(x, y, node, flow);
            }

            if (divides)
            {
                // A gain of the form 1/w: free entries of w must not be zero, so none are left free.
                flow.Require(activation, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} divides by a constant for each entry");
            }

            flow.Require(activation, CarrierNeed.NoAverage, node, $"{node.Display} scales each entry by itself");
            flow.Gains.Add(new GainUse(activation, weight, output, node, null, a.IsStatic ? a : b));
            return output;
        }

        if (divides)
        {
            flow.Require(y, CarrierNeed.NoZero, node, $"{node.Display} divides by the axis");
        }

        if (a.IsStatic || b.IsStatic)
        {
            Axis result = flow.Unify(x, y, node);
            flow.Require(result, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} combines two tensors entry by entry");
            return result;
        }

        // The one that weights have made comes first: where only one of the two can hold zeros, it is that one.
        return a.IsMixed || !b.IsMixed ? flow.Multiply(x, y, node) : flow.Multiply(y, x, node);
    }

    private static Axis Freeze(Axis x, Axis y, Node node, Flow flow)
    {
        string why = $"{node.Display} brings together axes of different structure ({x} and {y})";
        flow.Freeze(x, node, why);
        flow.Freeze(y, node, why);
        return x;
    }
}
