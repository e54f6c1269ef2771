using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Tests;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Gradients;
using Xunit;
using static OnnxGrow.Training.Tests.Gradients.Values;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Sums at positions that many slices share.</summary>
public sealed class PositionsTests
{
    [Fact]
    public void What_is_added_at_one_place_is_added_in_order_with_any_number_of_threads()
    {
        const int Count = 16384, Rows = 300, Width = 256;
        using OnnxModel model = new TestGraph(18).Input("i", ElementType.Int64, Count).Input("g", ElementType.Float32, Count, Width)
            .Floats("table", [Rows, Width], new float[Rows * Width]).Build();
        var writer = new GraphWriter(model.Proto.Graph);
        string sum = writer.AddAlongInto(writer.ZerosLike("table", ElementType.Float32), 0, 2, "i", "g");
        model.Proto.Graph.Output.Add(TestGraph.Info(sum, ElementType.Float32, Rows, Width));
        var random = new Random(1);
        long[] ids = [.. Enumerable.Range(0, Count).Select(_ => (long)random.Next(2) - (random.Next(2) * Rows))];
        RuntimeTensor slices = Normal(2, Count, Width);
        double[] values = slices.ToDoubles();
        float[] expected = new float[Rows * Width];
        for (int i = 0; i < Count; i++)
        {
            for (int c = 0; c < Width; c++)
            {
                expected[((ids[i] + Rows) % Rows * Width) + c] += (float)values[(i * Width) + c];
            }
        }

        using var session = new OrtSession(model, new OrtSessionOptions { Threads = 4 });
        var inputs = new Dictionary<string, RuntimeTensor> { ["i"] = Ints([Count], ids), ["g"] = slices };
        for (int run = 0; run < 10; run++)
        {
            Assert.Equal(expected, session.Run(inputs)[sum].ToDoubles().Select(v => (float)v));
        }
    }
}
