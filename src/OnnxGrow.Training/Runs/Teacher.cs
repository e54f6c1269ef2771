using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Losses;

namespace OnnxGrow.Training.Runs;

/// <summary>The model whose logits a distillation follows.</summary>
internal sealed class Teacher : IDisposable
{
    private readonly OnnxModel _model;
    private readonly OrtSession _session;
    private readonly string _output;
    private readonly HashSet<string> _inputs;

    /// <summary>Opens it.</summary>
    /// <exception cref="BadInputException">It is no usable model.</exception>
    public Teacher(string path, string? output, OrtSessionOptions options)
    {
        _model = OnnxModel.Open(path);
        try
        {
            _session = new OrtSession(_model, options);
            _inputs = [.. Data.ModelInput.Of(_model).Select(i => i.Name)];
            _output = output ?? _session.OutputNames.FirstOrDefault(o => o.Contains("logits", StringComparison.OrdinalIgnoreCase)) ?? _session.OutputNames[0];
            if (!_session.OutputNames.Contains(_output))
            {
                throw new BadInputException(ErrorCode.Recipe, $"the teacher '{Text.Name(path)}' has no output '{Text.Name(_output)}'; it has {Text.List(_session.OutputNames)}");
            }
        }
        catch
        {
            _session?.Dispose();
            _model.Dispose();
            throw;
        }
    }

    /// <summary>A batch with the teacher's logits.</summary>
    public IReadOnlyDictionary<string, RuntimeTensor> With(IReadOnlyDictionary<string, RuntimeTensor> batch)
    {
        var inputs = batch.Where(b => _inputs.Contains(b.Key)).ToDictionary(b => b.Key, b => b.Value, StringComparer.Ordinal);
        return new Dictionary<string, RuntimeTensor>(batch, StringComparer.Ordinal)
        {
            [Distillation.Teacher] = _session.Run(inputs)[_output].ConvertTo(ElementType.Float32),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
    }
}
