using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// GatherND: each slice's gradient is added where it was read. The indices become row numbers of the data as a matrix: ScatterND
/// adds from several threads at once and loses what two of them add to one place.
/// </summary>
[Gradient("GatherND")]
internal sealed class GatherND : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        string data = at.Input(0);
        int batch = (int)at.Int("batch_dims", 0);
        int depth = (int)at.DimsOf(at.Input(1))[^1];
        int indexed = batch + depth;
        string extents = at.Extents(data, batch, indexed);
        string counted = at.Where(at.Op("Less", at.Input(1), at.Int(0)), at.Add(at.Input(1), extents), at.Input(1));
        string[] extent = [.. Enumerable.Range(batch, depth).Select(a => at.Extents(data, a, a + 1))];

        // Horner's rule: ((i0 e1 + i1) e2 + i2) ...
        string rows = Column(0);
        for (int i = 1; i < depth; i++)
        {
            rows = at.Add(at.Mul(rows, extent[i]), Column(i));
        }

        if (batch > 0)
        {
            string size = at.Op("ReduceProd", [("keepdims", 0L)], extents);
            string count = at.Op("ReduceProd", [("keepdims", 0L)], at.Extents(data, 0, batch));
            string offsets = at.Mul(at.Op("Range", at.Int(0), count, at.Int(1)), size);
            string perBatch = at.Op("Reshape", rows, at.Op("Concat", [("axis", 0L)], at.Op("Unsqueeze", count, at.Ints(0)), at.Ints(-1)));
            rows = at.Add(perBatch, at.Op("Unsqueeze", offsets, at.Ints(1)));
        }

        int rank = at.RankOf(data);
        string width = at.Op("ReduceProd", [("keepdims", 1L)], indexed == rank ? at.Ints(1) : at.Extents(data, indexed, rank));
        string matrix = at.Op("Concat", [("axis", 0L)], at.Ints(-1), width);
        string flat = at.Op("Reshape", data, matrix);
        string sum = at.AddAlong(flat, 0, at.Reshape(rows, -1), at.Op("Reshape", at.TheGradient, matrix), at.TypeOf(data));
        return at.ReshapeLike(sum, data);

        string Column(int i) => at.Op("Gather", [("axis", -1L)], counted, at.Int(i));
    });
}
