using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Kernels;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Fusion;

/// <summary>Writes a group as one node.</summary>
/// <param name="graph">The graph.</param>
/// <param name="fusible">Its nodes.</param>
/// <param name="group">The group.</param>
internal sealed class GroupWriter(FusionGraph graph, IReadOnlyList<FusibleNode?> fusible, FusionGroup group)
{
    private readonly Dictionary<string, int> _inputs = new(StringComparer.Ordinal);
    private readonly List<BlockInput> _spreads = [];
    private readonly List<float> _constants = [];

    /// <summary>The node.</summary>
    /// <param name="writer">Writes what is in front of it: a mask as floats.</param>
    /// <param name="outputs">The values that are read elsewhere.</param>
    public NodeProto Write(GraphWriter writer, IReadOnlyList<string> outputs)
    {
        var node = new NodeProto { OpType = FusedOperator.OpType, Domain = FusedOperator.Domain, Name = writer.Fresh("Fused_node") };
        HashSet<string> own = [.. group.Computed.Select(m => graph.Nodes[m].Output[0])];

        // Registers of inputs and constants come first: they are all found before an instruction is written.
        foreach (int member in group.Computed)
        {
            foreach (string input in fusible[member]!.Node.Input.Take(OperandsOf(fusible[member]!)).Where(i => !own.Contains(i)))
            {
                Note(fusible[member]!, input);
            }
        }

        foreach (int member in group.Computed)
        {
            // A dry run finds the numbers that the node brings itself.
            fusible[member]!.Write([0, 0, 0], number => ConstantOf(number), _ => 0);
        }

        int first = _spreads.Count + _constants.Count;
        var registers = new Dictionary<string, int>(StringComparer.Ordinal);
        var instructions = new List<BlockInstruction>();
        foreach (int member in group.Computed)
        {
            FusibleNode known = fusible[member]!;
            int[] operands = [.. known.Node.Input.Take(OperandsOf(known)).Select(i => own.Contains(i) ? registers[i] : RegisterOf(known, i))];
            registers[known.Node.Output[0]] = known.Write(operands, ConstantOf, instruction =>
            {
                instructions.Add(instruction);
                return first + instructions.Count - 1;
            });
        }

        node.Input.AddRange(_inputs.OrderBy(p => p.Value).Select(p => IsCondition(p.Key) ? writer.Cast(p.Key, ElementType.Float32) : p.Key));
        node.Output.AddRange(outputs);
        var program = new BlockProgram(_spreads, _constants, instructions, [.. outputs.Select(o => registers[o])]);
        node.Attribute.Add(Attributes.Of(FusedOperator.Program, program.ToString()));
        return node;
    }

    private static int OperandsOf(FusibleNode node) => node.IsReduction || node.Node.OpType == "Pow" ? 1 : node.Node.Input.Count;

    private bool IsCondition(string value) => group.Computed.Any(m => graph.Nodes[m].OpType == "Where" && graph.Nodes[m].Input[0] == value);

    private void Note(FusibleNode node, string input)
    {
        if (node.NumberOf(input) is { } number)
        {
            ConstantOf(number);
        }
        else if (_inputs.TryAdd(input, _inputs.Count))
        {
            _spreads.Add(node.SpreadIn(input, group.Space)!.Value);
        }
    }

    private int RegisterOf(FusibleNode node, string input) => node.NumberOf(input) is { } number ? ConstantOf(number) : _inputs[input];

    private int ConstantOf(float number)
    {
        int at = _constants.FindIndex(c => BitConverter.SingleToInt32Bits(c) == BitConverter.SingleToInt32Bits(number));
        if (at < 0)
        {
            at = _constants.Count;
            _constants.Add(number);
        }

        return _spreads.Count + at;
    }
}
