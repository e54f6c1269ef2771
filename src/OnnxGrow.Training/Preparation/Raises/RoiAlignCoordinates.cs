namespace OnnxGrow.Training.Preparation.Raises;

/// <summary>RoiAlign takes the middles of elements where it is told nothing; it took their corners.</summary>
[Raises("RoiAlign", 16)]
internal sealed class RoiAlignCoordinates : IRaise
{
    public void Raise(RaisedNode at) => at.Set("coordinate_transformation_mode", "output_half_pixel");
}
