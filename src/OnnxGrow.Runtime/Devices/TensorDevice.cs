using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Devices;

/// <summary>Where tensors of a training run live: the memory of the CPU, or of one GPU.</summary>
public sealed class TensorDevice : IDisposable
{
    private readonly OrtSessionOptions _options;
    private readonly InferenceSession? _anchor;
    private readonly OrtAllocator _allocator;
    private readonly Dictionary<ElementType, InferenceSession> _copiers = [];

    /// <summary>The device of a provider.</summary>
    /// <param name="options">The provider, and how sessions on it are made.</param>
    /// <exception cref="NotVerifiedException">The provider is not available here.</exception>
    public TensorDevice(OrtSessionOptions options)
    {
        _options = options;
        if (options.Provider == "cpu")
        {
            _allocator = OrtAllocator.DefaultInstance;
            return;
        }

        _anchor = Copier(ElementType.Float32);
        using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        _allocator = new OrtAllocator(_anchor, memory);
    }

    /// <summary>Whether tensors are in the memory of the CPU.</summary>
    public bool IsHost => _anchor is null;

    /// <summary>How sessions on this device are made.</summary>
    public OrtSessionOptions Options => _options;

    /// <summary>Makes a tensor with undefined elements.</summary>
    public DeviceTensor Allocate(ElementType type, IEnumerable<long> dims) =>
        new(this, type, [.. dims], OrtValue.CreateAllocatedTensorValue(_allocator, (TensorElementType)type, [.. dims]));

    /// <summary>Makes a tensor that holds what another does.</summary>
    public DeviceTensor Upload(RuntimeTensor tensor)
    {
        DeviceTensor made = Allocate(tensor.ElementType, tensor.Dims);
        try
        {
            made.Write(tensor);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!IsHost)
        {
            _allocator.Dispose();
        }

        foreach (InferenceSession session in _copiers.Values)
        {
            session.Dispose();
        }
    }

    /// <summary>Copies between host and device; the runtime moves what is bound on the other side.</summary>
    internal void Copy(ElementType type, OrtValue from, OrtValue to)
    {
        InferenceSession session = Copier(type);
        using OrtIoBinding binding = session.CreateIoBinding();
        binding.BindInput("x", from);
        binding.BindOutput("y", to);
        using var run = new RunOptions();
        session.RunWithBinding(run, binding);
        binding.SynchronizeBoundOutputs();
    }

    private InferenceSession Copier(ElementType type)
    {
        if (!_copiers.TryGetValue(type, out InferenceSession? session))
        {
            var graph = new GraphProto { Name = "copy" };
            graph.Input.Add(Named("x", type));
            graph.Output.Add(Named("y", type));
            graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } });
            var model = new ModelProto { IrVersion = 8, Graph = graph };
            model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
            using OnnxModel wrapped = OnnxModel.FromProto(model);
            _copiers.Add(type, session = OrtSession.Create(wrapped, _options));
        }

        return session;
    }

    private static ValueInfoProto Named(string name, ElementType type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } };
}
