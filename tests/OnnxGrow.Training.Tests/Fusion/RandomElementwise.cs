using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Tests.Fusion;

/// <summary>Random graphs of elementwise operators with every kind of broadcast, reductions, matrix products and transpositions between.</summary>
internal static class RandomElementwise
{
    private const string Matrix = "matrix";

    public static OnnxModel Of(int seed)
    {
        var random = new Random(seed);
        long rows = random.Next(2, 6), middle = random.Next(2, 5), n = random.Next(2, 40);
        var graph = new GraphProto { Name = "random" };
        foreach ((string name, long[] dims) in new (string, long[])[]
        {
            ("x", [rows, middle, n]), ("y", [rows, middle, n]), ("row", [rows, middle, 1]), ("last", [n]), ("trailing", [middle, n]), ("leading", [rows, 1, 1]),
            ("one", [1]), ("scalar", []), (Matrix, [n, n]),
        })
        {
            graph.Input.Add(TrainingGraph.Info(name, ElementType.Float32, dims));
        }

        var writer = new GraphWriter(graph);
        var whole = new List<string> { "x", "y" };
        var perRow = new List<string> { "row" };
        string[] parts = ["row", "last", "trailing", "leading", "one", "scalar"];
        for (int i = random.Next(4, 30); i > 0; i--)
        {
            string Any() => whole[random.Next(whole.Count)];
            string Other() => random.Next(3) switch { 0 => parts[random.Next(parts.Length)], 1 => perRow[random.Next(perRow.Count)], _ => Any() };
            switch (random.Next(12))
            {
                case 0 or 1 or 2 or 3:
                    string op = new[] { "Add", "Sub", "Mul", "Max", "Min" }[random.Next(5)];
                    (string a, string b) = random.Next(2) == 0 ? (Any(), Other()) : (Other(), Any());
                    whole.Add(writer.Op(op, a, b));
                    break;
                case 4 or 5:
                    whole.Add(writer.Op(new[] { "Tanh", "Sigmoid", "Erf", "Neg", "Abs", "HardSigmoid" }[random.Next(6)], Any()));
                    break;
                case 6:
                    whole.Add(writer.Mul(Any(), random.Next(2) == 0 ? 0.5 : -1.25));
                    break;
                case 7:
                    perRow.Add(writer.Reduce(new[] { "ReduceSum", "ReduceMean", "ReduceMax" }[random.Next(3)], writer.Op("Tanh", Any()), true, random.Next(2) == 0 ? 2 : -1));
                    break;
                case 8:
                    perRow.Add(writer.Op("Reciprocal", writer.Add(writer.Op("Sqrt", writer.Op("Abs", perRow[random.Next(perRow.Count)])), 0.5)));
                    break;
                case 9:
                    whole.Add(writer.Op("Pow", writer.Op("Tanh", Any()), writer.Scalar(random.Next(1, 4))));
                    break;
                case 10:
                    string condition = writer.Op("Greater", random.Next(2) == 0 ? "trailing" : Any(), writer.Scalar(0));
                    whole.Add(writer.Where(condition, Any(), Other()));
                    break;
                default:
                    whole.Add(random.Next(3) switch
                    {
                        0 => writer.Op("Tanh", writer.MatMul(Any(), Matrix)),
                        1 => writer.Transpose(writer.Transpose(Any(), 1, 0, 2), 1, 0, 2),
                        _ => writer.Op("Sum", Any(), Any(), Other()),
                    });
                    break;
            }
        }

        foreach (int o in Enumerable.Range(0, whole.Count).Where(o => o == whole.Count - 1 || random.Next(6) == 0))
        {
            string name = $"out{o}";
            writer.To(name, "Identity", [], whole[o]);
            graph.Output.Add(TrainingGraph.Info(name, ElementType.Float32, [rows, middle, n]));
        }

        writer.To("rows", "Identity", [], perRow[^1]);
        graph.Output.Add(TrainingGraph.Info("rows", ElementType.Float32, [rows, middle, 1]));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = GraphWriter.Opset });
        return OnnxModel.FromProto(model);
    }
}
