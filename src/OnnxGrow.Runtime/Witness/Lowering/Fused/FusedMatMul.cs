namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>ONNX Runtime's FusedMatMul: a product of transposed operands by a factor, and an activation behind it.</summary>
[Lowers("FusedMatMul", Domain = Domains.Microsoft)]
[Lowers("TransposeMatMul", Domain = Domains.Microsoft)]
[Lowers("FusedMatMulActivation", Domain = Domains.Microsoft)]
internal sealed class FusedMatMul : ILowering
{
    public bool Lower(Emitter to)
    {
        string a = Operand(to, to.Input(0), to.Int("transA", 0) != 0, to.Int("transBatchA", 0) != 0);
        string b = Operand(to, to.Input(1), to.Int("transB", 0) != 0, to.Int("transBatchB", 0) != 0);
        string product = to.Op("MatMul", a, b);
        double alpha = to.Float("alpha", 1);
        Activation.Emit(to, alpha == 1 ? product : to.Mul(product, alpha), to.Output);
        return true;
    }

    // The batch moves its first axis behind the others; then the last two are exchanged.
    private static string Operand(Emitter to, string x, bool exchanged, bool batch)
    {
        if (!exchanged && !batch)
        {
            return x;
        }

        int rank = to.RankOf(x);
        List<long> perm = [.. Enumerable.Range(0, rank).Select(a => (long)a)];
        if (rank < 2)
        {
            return x;
        }

        if (batch)
        {
            perm.RemoveAt(0);
            perm.Insert(rank - 2, 0);
        }

        if (exchanged)
        {
            (perm[^1], perm[^2]) = (perm[^2], perm[^1]);
        }

        return to.Transpose(x, [.. perm]);
    }
}
