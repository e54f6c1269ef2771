namespace OnnxGrow.Training.Data;

/// <summary>Names that data of language models and image models go by.</summary>
public static class FieldNames
{
    /// <summary>Token ids.</summary>
    public const string InputIds = "input_ids";

    /// <summary>What is to be predicted; <see cref="NoLabel"/> where nothing is.</summary>
    public const string Labels = "labels";

    /// <summary>Images, float32, batch by channels by height by width.</summary>
    public const string PixelValues = "pixel_values";

    /// <summary>The label that no loss counts.</summary>
    public const long NoLabel = -100;
}
