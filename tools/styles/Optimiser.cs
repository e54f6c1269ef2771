using Microsoft.ML.OnnxRuntime;

namespace OnnxGrow.Styles;

/// <summary>Has ONNX Runtime's graph optimiser fuse the exported sample models, and keeps what it writes.</summary>
internal static class Optimiser
{
    /// <param name="Target">the model that is written.</param>
    /// <param name="Source">the model that is read.</param>
    /// <param name="BiasSecond">read it as bias_second.py has written it.</param>
    /// <param name="Fixed">batch and sequence are 2 and 16: more is fused where shapes are known.</param>
    /// <param name="KeepMatMul">no Gemm for MatMul and Add on a flattened view: attention is found.</param>
    private sealed record File(string Target, string Source, bool BiasSecond = false, bool Fixed = false, bool KeepMatMul = false);

    private static readonly File[] Files =
    [
        new("bert-mini-ort", "bert-mini-op17"),
        new("bert-mini-ort-attention", "bert-mini-op12", BiasSecond: true),
        new("bert-mini-ort-fixed", "bert-mini-folded-op12", BiasSecond: true, Fixed: true, KeepMatMul: true),
        new("bert-mini-ort-fixed-gemm", "bert-mini-op17", Fixed: true),
        new("gpt2-mini-ort", "gpt2-mini-op12"),
        new("gpt2-mini-ort-fixed", "gpt2-mini-op17", Fixed: true),
        new("vit-mini-ort-op12", "vit-mini-op12"),
        new("vit-mini-ort-op17", "vit-mini-op17"),
        new("vit-mini-ort-fixed", "vit-mini-op17", Fixed: true),
        new("vit-mini-qkv-ort", "vit-mini-qkv-op17"),
    ];

    public static void Run(string models, string biasSecond, string output)
    {
        Directory.CreateDirectory(output);
        foreach (File file in Files)
        {
            string path = Path.Combine(output, file.Target + ".onnx");
            using var options = new SessionOptions
            {
                // The fusions into com.microsoft operators, without the layouts of one machine (ORT_ENABLE_ALL).
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                OptimizedModelFilePath = path,
                IntraOpNumThreads = 1,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            if (file.KeepMatMul)
            {
                options.AddSessionConfigEntry("optimization.disable_specified_optimizers", "MatMulAddFusion");
            }

            if (file.Fixed)
            {
                options.AddFreeDimensionOverrideByName("batch", 2);
                options.AddFreeDimensionOverrideByName("sequence", 16);
            }

            using var session = new InferenceSession(Path.Combine(file.BiasSecond ? biasSecond : models, file.Source + ".onnx"), options);
            Console.WriteLine($"{file.Target}.onnx: {new FileInfo(path).Length:N0} bytes");
        }
    }
}
