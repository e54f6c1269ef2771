using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>One number everywhere.</summary>
[TorchOperator("ConstantOfShape")]
internal sealed class ConstantOfShape : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor? value = at.TensorOf("value");
        ScalarType type = value?.dtype ?? ScalarType.Float32;

        // Integers are shapes and indices, which stay in the host's memory.
        Device place = type is ScalarType.Int64 or ScalarType.Int32 ? torch.CPU : at.Device;
        return [torch.full(at.Integers(0), value is null ? 0.0 : HostValues.Doubles(value)[0], type, place)];
    }
}
