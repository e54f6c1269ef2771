namespace OnnxGrow.Analysis.Norms;

/// <summary>Constants behind operators that hand every entry on.</summary>
internal static class ConstantLeaf
{
    /// <summary>The constant that a value is, as it stands or through Cast and Identity; null for anything else.</summary>
    public static Value? Of(Value value)
    {
        while (value.Tensor is null)
        {
            if (value.Producer is not { } node || !(node.Is("Cast") || node.Is("Identity")) || node.Input(0) is not { } inner)
            {
                return null;
            }

            value = inner;
        }

        return value;
    }
}
