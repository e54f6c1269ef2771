using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>What the entries of pieces come from: the source's elements, or the tables of their averages.</summary>
internal sealed class PieceSource(TensorData source, MeanTables means)
{
    /// <summary>Shorter runs are read from a stretch of the source that is kept.</summary>
    public const int ShortRun = 32;

    /// <summary>Reads the entries that the grown ones of a piece are made of.</summary>
    /// <param name="piece">The piece, which has a source.</param>
    /// <param name="values">As many as the piece has.</param>
    /// <param name="window">The stretch that is kept for short runs.</param>
    public void Read(in RecipePiece piece, Span<double> values, SourceWindow window)
    {
        if (piece.Means != 0)
        {
            double[] table = means.Of(piece.Means).Values;
            if (piece.Step == 1)
            {
                table.AsSpan((int)piece.Origin, values.Length).CopyTo(values);
            }
            else
            {
                values.Fill(table[piece.Origin]);
            }
        }
        else if (piece.RunLength >= ShortRun)
        {
            source.ReadDoubles(piece.Origin, values);
        }
        else
        {
            window.Read(piece.Origin, values);
        }
    }
}
