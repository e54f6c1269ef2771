using System.Globalization;
using System.Text;
using Onnx;
using OnnxGrow.Analysis.Preparation;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Layers;

/// <summary>
/// Gives values that are computed alike the same number, whatever their names: masks and rotary angles that every layer
/// computes for itself do not make layers differ. Weights count by their shape, integers by their content.
/// </summary>
internal sealed class ValueForms
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<Value, int> _forms = [];
    private readonly Graph _graph;

    public ValueForms(Graph graph, IReadOnlySet<Value> ofStates)
    {
        _graph = graph;
        foreach (Value state in ofStates)
        {
            _forms[state] = Number("P");
        }

        var text = new StringBuilder();
        foreach (Node node in graph.Nodes)
        {
            if (node.Is("Identity") && node.Input(0) is { } same && node.Output(0) is { } result)
            {
                // Exporters put one where several layers share a constant.
                _forms[result] = FormOf(same);
                continue;
            }

            text.Clear().Append(node.Operator);
            AppendAttributes(node, text);
            foreach (Value? input in node.Inputs)
            {
                text.Append(' ').Append(input is null ? "-" : input.Elements is { } sizes ? Sizes(sizes) : FormOf(input).ToString(CultureInfo.InvariantCulture));
            }

            string form = text.ToString();
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                if (node.Outputs[i] is { } output)
                {
                    _forms[output] = Number(form + "/" + i.ToString(CultureInfo.InvariantCulture));
                }
            }
        }
    }

    public int FormOf(Value value)
    {
        if (!_forms.TryGetValue(value, out int form))
        {
            _forms.Add(value, form = Number(value.Tensor is { } tensor ? Constant(tensor) : "E:" + value.Name));
        }

        return form;
    }

    /// <summary>Attributes, those that hold tensors and graphs aside.</summary>
    public static void AppendAttributes(Node node, StringBuilder text)
    {
        // The name of an If that was laid out says nothing of what it does.
        bool choice = node.Proto.Domain == Branches.Domain;
        foreach (AttributeProto a in node.Proto.Attribute.Where(a => !choice || a.Name != "name").OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"[{a.Name}={a.I};{a.F};{string.Join(',', a.Ints)};{string.Join(',', a.Floats)};{a.S.ToStringUtf8()}]");
        }
    }

    /// <summary>Sizes count by what is known of them: what a layer reads off its own input, the next reads off its own.</summary>
    private static string Sizes(SizeExpression[] sizes) =>
        "S" + string.Join('x', sizes.Select(s => s.Known?.ToString(CultureInfo.InvariantCulture) ?? "?"));

    private string Constant(TensorProto tensor)
    {
        long count = Tensors.CountOf(tensor);
        bool isWeight = ElementTypes.IsGrowable((ElementType)tensor.DataType) && count > 1;
        string head = string.Create(CultureInfo.InvariantCulture, $"W{tensor.DataType}:{string.Join('x', tensor.Dims)}");
        if (isWeight || count is 0 or > Flow.MaxElements || !ElementTypes.HasDoubles((ElementType)tensor.DataType))
        {
            return head;
        }

        var numbers = new double[count];
        _graph.Model.DataOf(tensor).ReadDoubles(0, numbers);
        return head + "=" + string.Join(',', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)));
    }

    private int Number(string form)
    {
        if (!_numbers.TryGetValue(form, out int number))
        {
            _numbers.Add(form, number = _numbers.Count);
        }

        return number;
    }
}
