namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>Resize lost the coordinates 'tf_half_pixel_for_nn'.</summary>
[Raises("Resize", 13)]
internal sealed class ResizeHalfPixel : IRaise
{
    public void Raise(RaisedNode at)
    {
        if (at.Attribute("coordinate_transformation_mode")?.S.ToStringUtf8() == "tf_half_pixel_for_nn")
        {
            throw at.Refuse("the coordinates 'tf_half_pixel_for_nn' are gone from set 13 on; export it with 'half_pixel'");
        }
    }
}
