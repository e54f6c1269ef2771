using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Engine;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Precision;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.TorchSharp.Engine;

/// <summary>What the table of engines finds in this assembly.</summary>
internal sealed class TorchEngineProvider : ITrainingEngineProvider
{
    /// <inheritdoc/>
    public string Description => TorchVersion.Name;

    /// <inheritdoc/>
    public ITrainingEngine Create(TrainableModel model, ILoss loss, UpdateOptions options, OrtSessionOptions session)
    {
        if (options.Precision != ElementType.Float32)
        {
            throw new BadInputException(
                ErrorCode.Option, $"precision {NarrowKernels.NameOf(options.Precision)}: the engine 'torchsharp' computes in float32; use the engine 'onnxruntime', or leave 'precision' out of the recipe");
        }

        Device device = DeviceOf(session.Provider);
        if (session.Threads > 0)
        {
            torch.set_num_threads(session.Threads);
        }

        torch.backends.cuda.matmul.allow_tf32 = session.AllowTf32;
        torch.backends.cudnn.allow_tf32 = session.AllowTf32;
        return new TorchEngine(model, loss, options, device);
    }

    private static Device DeviceOf(string provider)
    {
        if (provider != "cuda")
        {
            return torch.CPU;
        }

        // Without this the library for the CPU alone is loaded, which then never finds a device.
        return torch.TryInitializeDeviceType(DeviceType.CUDA) && torch.cuda.is_available()
            ? torch.CUDA
            : throw new BadInputException(
                ErrorCode.Option, $"--provider cuda: this build's {TorchVersion.Name} finds no CUDA device; build with -p:UseTorchSharp=true -p:TorchSharpCuda=true on a "
                + "machine that has one, or use --provider cpu");
    }
}
