namespace OnnxGrow.TestSupport.Random;

/// <summary>Linear maps, in the forms that exporters write.</summary>
internal sealed class Linear(Parts parts)
{
    private readonly GraphBuilder _g = parts.G;

    /// <summary>A linear map of a value of rank 3.</summary>
    public string Of(string x, int from, int to)
    {
        double deviation = 0.7 / Math.Sqrt(from);
        string? bias = parts.Shape.Bias ? _g.Weight("b", 0.2, 0, to) : null;
        switch (parts.Shape.Linear)
        {
            case LinearForm.Gemm:
                string w = _g.Weight("w", deviation, 0, to, from);
                string rows = _g.Reshape(x, -1, from);
                string y = _g.Node("Gemm", bias is null ? [rows, w] : [rows, w, bias], ("transB", 1));
                string sizes = _g.Concat(0, _g.SizeOf(x, 0), _g.SizeOf(x, 1), _g.Ints("width", to));
                return _g.Node("Reshape", [y, sizes]);
            case LinearForm.Einsum:
                return Biased(_g.Node("Einsum", [x, _g.Weight("w", deviation, 0, from, to)], ("equation", "bsi,io->bso")), bias);
            case LinearForm.Transposed:
                return Biased(_g.MatMul(x, _g.Transpose(_g.Weight("w", deviation, 0, to, from), 1, 0)), bias);
            default:
                return Biased(_g.MatMul(x, _g.Weight("w", deviation, 0, from, to)), bias);
        }
    }

    private string Biased(string y, string? bias) => bias is null ? y : parts.Style("bias first") ? _g.Add(y, bias) : _g.Add(bias, y);
}
