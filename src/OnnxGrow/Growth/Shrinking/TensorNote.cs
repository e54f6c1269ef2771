using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>Where a source tensor's elements come from when a grown model is shrunk.</summary>
internal enum Origin
{
    /// <summary>The skeleton holds them.</summary>
    Kept = 'k',

    /// <summary>The grown model has the same tensor in the same place.</summary>
    Unchanged = 'u',

    /// <summary>They lead the grown model's tensor in the same place, which has more rows (rules 3.12, 3.13).</summary>
    Leading = 'l',

    /// <summary>They follow exactly from a grown tensor.</summary>
    Exact = 'g',

    /// <summary>They follow from a grown tensor and a patch, which the skeleton holds in their place.</summary>
    Patched = 'p',

    /// <summary>They follow from a grown tensor within rounding.</summary>
    Rounded = 'r',
}

/// <summary>What a skeleton says of one tensor.</summary>
/// <param name="Origin">Where its elements come from.</param>
/// <param name="Form">How the source stores them: 'r' raw_data, 'f' float_data, 'd' double_data, 'x' a file beside the model, '-' otherwise.</param>
/// <param name="Checksum">Of the elements that shrinking gives from a grown model that was not changed; empty for those kept.</param>
internal sealed record TensorNote(Origin Origin, char Form, string Checksum)
{
    private const string Forms = "rfdx-";

    /// <summary>How the elements of a tensor are stored.</summary>
    public static char FormOf(TensorProto tensor, PayloadTable payloads)
    {
        Payload? payload = tensor.HasPayload ? payloads.Find(tensor.Payload) : null;
        return TensorSource.IsExternal(tensor) || payload is { WasExternal: true } ? 'x'
            : (tensor.HasRawData && !tensor.RawData.IsEmpty) || payload?.Field == TensorProto.RawDataFieldNumber ? 'r'
            : tensor.FloatData.Count > 0 || payload?.Field == TensorProto.FloatDataFieldNumber ? 'f'
            : tensor.DoubleData.Count > 0 || payload?.Field == TensorProto.DoubleDataFieldNumber ? 'd'
            : '-';
    }

    /// <summary>Lets a tensor of a model refer to data in the form that the note says.</summary>
    public void Set(OnnxModel model, TensorProto tensor, TensorData data)
    {
        model.SetData(tensor, data);
        int field = Form switch
        {
            'f' => TensorProto.FloatDataFieldNumber,
            'd' => TensorProto.DoubleDataFieldNumber,
            _ => TensorProto.RawDataFieldNumber,
        };
        tensor.Payload = model.Payloads.Add(new Payload(data, field, Form == 'x'));
    }

    /// <summary>Reads a note; null where the text is none.</summary>
    public static TensorNote? Parse(string text)
    {
        if (text.Length < 2 || !Enum.IsDefined((Origin)text[0]) || !Forms.Contains(text[1]))
        {
            return null;
        }

        bool kept = text[0] == (char)Origin.Kept;
        return text.Length == (kept ? 2 : 2 + Shrinking.Checksum.Length) ? new TensorNote((Origin)text[0], text[1], text[2..]) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(char)Origin}{Form}{Checksum}";
}
