using Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>Inputs of a graph; before format version 4 weights were listed among them.</summary>
internal static class GraphInputs
{
    /// <summary>Takes an input out, where it is there.</summary>
    public static void Remove(GraphProto graph, string name)
    {
        if (graph.Input.FirstOrDefault(i => i.Name == name) is { } input)
        {
            graph.Input.Remove(input);
        }
    }
}
