using Microsoft.ML.OnnxRuntime;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Devices;

/// <summary>
/// A loaded model whose inputs and outputs are tensors that stay on the device: nothing is copied through the host between
/// runs. An output may be bound to the tensor of an input where the graph writes it after all that reads the input.
/// </summary>
public sealed class BoundSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly CancellationToken _cancellation;

    /// <summary>Loads a model.</summary>
    /// <exception cref="NotVerifiedException">ONNX Runtime cannot run it, or not on the provider asked for.</exception>
    public BoundSession(OnnxModel model, TensorDevice device)
    {
        _cancellation = device.Options.Cancellation;
        _session = OrtSession.Create(model, device.Options);
        _binding = _session.CreateIoBinding();
    }

    /// <summary>Names of the inputs that the session asks for.</summary>
    public IReadOnlyCollection<string> Inputs => _session.InputNames;

    /// <summary>Names of the outputs.</summary>
    public IReadOnlyCollection<string> Outputs => _session.OutputNames;

    /// <summary>Binds an input to a tensor.</summary>
    public void BindInput(string name, DeviceTensor tensor) => _binding.BindInput(name, tensor.Value);

    /// <summary>Binds an output to a tensor of its type and shape.</summary>
    public void BindOutput(string name, DeviceTensor tensor) => _binding.BindOutput(name, tensor.Value);

    /// <summary>Runs the model on what is bound.</summary>
    /// <exception cref="CannotTrainException">ONNX Runtime refuses.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Run()
    {
        _cancellation.ThrowIfCancellationRequested();
        using var run = new RunOptions();
        using CancellationTokenRegistration stop = _cancellation.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, run);
        try
        {
            _session.RunWithBinding(run, _binding);
            _binding.SynchronizeBoundOutputs();
        }
        catch (OnnxRuntimeException) when (_cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(_cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            throw new CannotTrainException(ErrorCode.Memory, $"ONNX Runtime cannot run the training graph: {OrtSession.OneLine(e.Message)}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
    }
}
