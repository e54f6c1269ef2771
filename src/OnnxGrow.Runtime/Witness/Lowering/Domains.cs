namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Names of operator domains.</summary>
internal static class Domains
{
    /// <summary>ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";
}
