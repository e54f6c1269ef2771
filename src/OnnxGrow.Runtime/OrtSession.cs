using Microsoft.ML.OnnxRuntime;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Kernels;

namespace OnnxGrow.Runtime;

/// <summary>A model that ONNX Runtime has loaded and can run.</summary>
public sealed class OrtSession : IDisposable
{
    /// <summary>Models up to this size go to ONNX Runtime through memory, larger ones through a file.</summary>
    private const long InMemoryLimit = 256L << 20;

    private readonly InferenceSession _session;
    private readonly string[] _outputs;
    private readonly CancellationToken _cancellation;

    /// <summary>Loads a model.</summary>
    /// <exception cref="NotVerifiedException">ONNX Runtime cannot run it, or not on the provider asked for.</exception>
    public OrtSession(OnnxModel model, OrtSessionOptions? options = null)
    {
        options ??= new OrtSessionOptions();
        _cancellation = options.Cancellation;
        _cancellation.ThrowIfCancellationRequested();
        _session = Create(model, options);
        _outputs = [.. model.Proto.Graph.Output.Select(o => o.Name)];
    }

    /// <summary>The version of ONNX Runtime.</summary>
    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <summary>Names of the outputs, in the graph's order.</summary>
    public IReadOnlyList<string> OutputNames => _outputs;

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">One tensor a graph input.</param>
    /// <returns>One tensor a graph output, in the graph's order.</returns>
    /// <exception cref="NotVerifiedException">ONNX Runtime refuses the inputs, or an output is not a numeric tensor.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyDictionary<string, RuntimeTensor> Run(IReadOnlyDictionary<string, RuntimeTensor> inputs) => Run(inputs, OrtTensors.Read);

    /// <summary>Runs the model for the types and extents of its outputs; only small ones are copied.</summary>
    /// <param name="inputs">One tensor a graph input.</param>
    /// <param name="mostElements">The most elements of an output whose value is given.</param>
    /// <exception cref="NotVerifiedException">ONNX Runtime refuses the inputs, or an output is not a numeric tensor.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal IReadOnlyDictionary<string, TensorSketch> Sketch(IReadOnlyDictionary<string, RuntimeTensor> inputs, long mostElements) =>
        Run(inputs, (name, value) => OrtTensors.Sketch(name, value, mostElements));

    private Dictionary<string, T> Run<T>(IReadOnlyDictionary<string, RuntimeTensor> inputs, Func<string, OrtValue, T> read)
    {
        _cancellation.ThrowIfCancellationRequested();
        using var pinned = new PinnedInputs(inputs);
        try
        {
            using var run = new RunOptions();
            using CancellationTokenRegistration stop = _cancellation.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, run);
            using IDisposableReadOnlyCollection<OrtValue> values = _session.Run(run, pinned.Values, _outputs);
            var results = new Dictionary<string, T>(StringComparer.Ordinal);
            for (int i = 0; i < _outputs.Length; i++)
            {
                results.Add(_outputs[i], read(_outputs[i], values.ElementAt(i)));
            }

            return results;
        }
        catch (OnnxRuntimeException) when (_cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(_cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            throw new NotVerifiedException(ErrorCode.Runtime, $"ONNX Runtime cannot run the model: {OneLine(e.Message)}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>Loads a model.</summary>
    /// <exception cref="NotVerifiedException">ONNX Runtime cannot run it, or not on the provider asked for.</exception>
    internal static InferenceSession Create(OnnxModel model, OrtSessionOptions options)
    {
        using SessionOptions native = Native(options);
        try
        {
            return Load(model, native, options.Cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            throw new NotVerifiedException(ErrorCode.Runtime, $"ONNX Runtime cannot load the model: {OneLine(e.Message)}", e);
        }
    }

    private static InferenceSession Load(OnnxModel model, SessionOptions options, CancellationToken cancellation)
    {
        if (model.InlineSize() <= InMemoryLimit)
        {
            return new InferenceSession(model.ToBytes(), options);
        }

        using LockedFolder folder = ScratchFolder.Create();
        string path = Path.Combine(folder.Path, "model.onnx");
        model.Save(path, new SaveOptions { Cancellation = cancellation });
        return new InferenceSession(path, options);
    }

    private static SessionOptions Native(OrtSessionOptions options)
    {
        var native = new SessionOptions
        {
            GraphOptimizationLevel = options.Optimization switch
            {
                GraphOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                GraphOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                GraphOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            if (options.Threads > 0)
            {
                native.IntraOpNumThreads = options.Threads;
            }

            if (options.Deterministic)
            {
                DeterministicCompute.Enable(native);
            }

            if (options.FusedKernels)
            {
                FusedOperator.Add(native);
            }

            AppendProvider(native, options);
            return native;
        }
        catch
        {
            native.Dispose();
            throw;
        }
    }

    private static void AppendProvider(SessionOptions native, OrtSessionOptions options)
    {
        switch (options.Provider)
        {
            case "cpu":
                return;
            case "cuda":
                try
                {
                    using var cuda = new OrtCUDAProviderOptions();
                    cuda.UpdateOptions(new Dictionary<string, string>
                    {
                        ["device_id"] = "0",
                        ["use_tf32"] = options.AllowTf32 ? "1" : "0",
                    });
                    native.AppendExecutionProvider_CUDA(cuda);
                    return;
                }
                catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
                {
                    throw new NotVerifiedException(
                        ErrorCode.Runtime, "the provider 'cuda' is not available here: it needs an NVIDIA GPU, CUDA 13 with cuDNN 9 and a build "
                        + $"with -p:OnnxRuntimeCuda=true; 'cpu' runs everywhere. ONNX Runtime says: {OneLine(e.Message)}",
                        e);
                }

            default:
                throw new BadInputException(ErrorCode.Model, $"unknown provider '{Text.Name(options.Provider)}'; there are 'cpu' and 'cuda'");
        }
    }

    internal static string OneLine(string message)
    {
        string line = string.Join(' ', message.Split(
            ['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.Length <= 600 ? line : line[..600] + "...";
    }
}
