using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// A model in the form in which it is analysed and grown: calls of its own functions replaced by their bodies, loops and
/// branches laid out, fused residual norms taken apart. What was taken apart is put together again after growth (<see cref="Restore"/>).
/// </summary>
internal static class Prepared
{
    /// <summary>The prepared form; the model itself where there is nothing to prepare.</summary>
    /// <exception cref="BadInputException">The model's functions are not sound.</exception>
    public static OnnxModel Of(OnnxModel model)
    {
        GraphProto graph = model.Proto.Graph;
        if (graph.Node.FirstOrDefault(n => n.Domain == Branches.Domain) is { } foreign)
        {
            throw new BadInputException(ErrorCode.Graph, $"node '{Text.Name(foreign.Name)}' is of the domain '{Branches.Domain}', which no file may use");
        }

        bool functions = model.Proto.Functions.Count > 0;
        bool skips = graph.Node.Any(ResidualNorms.IsFused) || functions;
        bool twice = Duplicates.Any(graph);
        bool branches = Branches.Any(graph) || functions;
        bool loops = Loops.Any(graph) || functions;
        if (!functions && !skips && !twice && !branches && !loops)
        {
            return model;
        }

        OnnxModel copy = model.Clone();
        try
        {
            if (functions)
            {
                FunctionInliner.Run(copy.Proto, copy.Limits);
            }

            Duplicates.Remove(copy.Proto.Graph);
            Loops.LayOut(copy);
            Branches.LayOut(copy.Proto.Graph);
            ResidualNorms.TakeApart(copy.Proto.Graph);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Puts together again what preparation took apart and growth has left side by side.</summary>
    public static void Restore(GraphProto graph)
    {
        ResidualNorms.PutTogether(graph);
        Branches.PutBack(graph);
    }
}
