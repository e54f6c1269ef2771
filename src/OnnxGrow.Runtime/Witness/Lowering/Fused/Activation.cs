namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>The activation that a fused operator names in its attributes.</summary>
internal static class Activation
{
    /// <summary>Emits activation(x); x where the node names none.</summary>
    public static string Emit(Emitter to, string x, string output)
    {
        // Parameters are attributes of their own, or a list (FusedConv).
        double Parameter(int index, string name, float missing) =>
            to.Floats("activation_params") is { } list && index < list.Length ? list[index] : to.Float(name, missing);
        double alpha = Parameter(0, "activation_alpha", float.NaN);
        double beta = Parameter(1, "activation_beta", float.NaN);
        string name = to.String("activation", "");
        switch (name)
        {
            case "":
                return to.To(output, "Identity", x);
            case "Relu" or "Tanh" or "Sigmoid":
                return to.To(output, name, x);
            case "LeakyRelu":
                return to.To(output, "Where", to.Less(x, 0), to.Mul(x, Or(alpha, 0.01f)), x);
            case "HardSigmoid":
                string line = to.Add(to.Mul(x, Or(alpha, 0.2f)), Or(beta, 0.5f));
                return to.To(output, "Min", to.Op("Max", line, to.Scalar(0)), to.Scalar(1));
            case "Clip":
                string low = double.IsNaN(alpha) ? x : to.Op("Max", x, to.Scalar(alpha));
                return to.To(output, double.IsNaN(beta) ? "Identity" : "Min", double.IsNaN(beta) ? [low] : [low, to.Scalar(beta)]);
            default:
                throw to.Refuse($"the activation '{Text.Name(name)}' is not lowered");
        }
    }

    private static double Or(double value, float missing) => double.IsNaN(value) ? missing : value;
}
