using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Data.Images;

/// <summary>What samples of images hold.</summary>
internal static class ImageFields
{
    public static IReadOnlyList<DataField> Of(ImageTransform transform) =>
    [
        new(FieldNames.PixelValues, ElementType.Float32, [transform.Channels, transform.Height, transform.Width]),
        new(FieldNames.Labels, ElementType.Int64, []),
    ];
}
