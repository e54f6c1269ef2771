using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// ONNX Runtime's Trilu, which became the default domain's at operator set 14; before that, the entries whose column is at
/// least (upper) or at most (lower) their row plus k, and zeros.
/// </summary>
[Lowers("Trilu", Domain = Domains.Microsoft)]
internal sealed class FusedTrilu : ILowering
{
    public bool Lower(Emitter to)
    {
        string x = to.Input(0);
        bool upper = to.Int("upper", 1) != 0;
        if (to.Opset >= 14)
        {
            string[] inputs = to.Input(1).Length > 0 ? [x, to.Input(1)] : [x];
            to.To(to.Output, "Identity", to.Op("Trilu", [("upper", upper ? 1 : 0)], inputs));
            return true;
        }

        ElementType type = to.TypeOf(x) is var known && known != ElementType.Undefined
            ? known
            : throw to.Refuse($"the type of '{Text.Name(x)}' is not in the file; run shape inference on the model first");
        string k = to.Input(1).Length > 0 ? to.Reshape(to.Input(1), 1) : to.IntList(0);
        string row = to.Add(to.Unsqueeze(to.Range(to.Dim(x, -2)), 1), k);
        string column = to.Unsqueeze(to.Range(to.Dim(x, -1)), 0);
        string keep = upper ? to.AtMost(row, column) : to.AtMost(column, row);
        to.To(to.Output, "Where", keep, x, to.Cast(to.IntScalar(0), type));
        return true;
    }
}
