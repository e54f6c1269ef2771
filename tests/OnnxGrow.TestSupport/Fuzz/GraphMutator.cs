using Google.Protobuf.Collections;
using Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Changes a model as a message: files that any encoder could have written, and no exporter would.</summary>
internal static class GraphMutator
{
    public static void Mutate(ModelProto model, IEnumerable<SplitMix64> changes)
    {
        foreach (SplitMix64 r in changes)
        {
            Change(model, r);
        }
    }

    private static void Change(ModelProto model, SplitMix64 r)
    {
        if (model.Graph is null)
        {
            return;
        }

        List<GraphProto> graphs = [];
        Collect(model.Graph, graphs);
        GraphProto graph = r.Int(0, 2) == 0 ? graphs[r.Int(0, graphs.Count - 1)] : model.Graph;
        switch (r.Int(0, 13))
        {
            case 0 or 1 or 2 when graph.Initializer.Count > 0:
                TensorMutations.Change(graph.Initializer[r.Int(0, graph.Initializer.Count - 1)], r);
                break;
            case 3 or 4 or 5 or 6 when graph.Node.Count > 0:
                NodeMutations.Change(graph, r);
                break;
            case 7 when graph.Node.Count > 0:
                AttributeMutations.Change(graph.Node[r.Int(0, graph.Node.Count - 1)], r);
                break;
            case 8:
                Interface(graph, r);
                break;
            case 9:
                FunctionMutations.Change(model, graph, r);
                break;
            case 10 or 11:
                NestingMutations.Change(graph, r);
                break;
            case 12:
                Versions(model, r);
                break;
            default:
                Names(model, graph, r);
                break;
        }
    }

    private static void Collect(GraphProto graph, List<GraphProto> graphs)
    {
        graphs.Add(graph);
        foreach (AttributeProto attribute in graph.Node.SelectMany(n => n.Attribute))
        {
            foreach (GraphProto inner in attribute.Graphs.Append(attribute.G).OfType<GraphProto>())
            {
                Collect(inner, graphs);
            }
        }
    }

    private static void Interface(GraphProto graph, SplitMix64 r)
    {
        RepeatedField<ValueInfoProto> list = r.Int(0, 2) switch { 0 => graph.Input, 1 => graph.Output, _ => graph.ValueInfo };
        ValueInfoProto? info = list.Count == 0 ? null : list[r.Int(0, list.Count - 1)];
        switch (r.Int(0, 7))
        {
            case 0 when info is not null:
                list.Remove(info);
                break;
            case 1 when info is not null:
                list.Add(info.Clone());
                break;
            case 2 when info is not null:
                info.Type = r.Pick(null!, new TypeProto(), new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = info.Type?.Clone() ?? new TypeProto() } }, new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = r.Int(-1, 40) } });
                break;
            case 3 or 4 when info?.Type?.TensorType?.Shape is { } shape:
                shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = Hostile.Number(r) });
                if (shape.Dim.Count > 1 && r.Coin())
                {
                    shape.Dim.RemoveAt(r.Int(0, shape.Dim.Count - 1));
                }

                break;
            case 5 when info?.Type?.TensorType?.Shape is { Dim.Count: > 0 } shape:
                TensorShapeProto.Types.Dimension dim = shape.Dim[r.Int(0, shape.Dim.Count - 1)];
                if (r.Coin())
                {
                    dim.DimValue = Hostile.Number(r);
                }
                else
                {
                    dim.DimParam = Hostile.Name(r);
                }

                break;
            default:
                list.Add(new ValueInfoProto { Name = NodeMutations.AnyName(graph, r) });
                break;
        }
    }

    private static void Versions(ModelProto model, SplitMix64 r)
    {
        switch (r.Int(0, 4))
        {
            case 0:
                model.IrVersion = Hostile.Number(r);
                break;
            case 1 when model.OpsetImport.Count > 0:
                model.OpsetImport[0].Version = r.Pick(r.Int(0, 30), Hostile.Number(r));
                break;
            case 2 when model.OpsetImport.Count > 0:
                model.OpsetImport.RemoveAt(0);
                break;
            case 3:
                model.OpsetImport.Add(new OperatorSetIdProto { Domain = r.Pick("", "ai.onnx", "com.microsoft", "local", Hostile.Name(r)), Version = Hostile.Number(r) });
                break;
            default:
                model.MetadataProps.Add(new StringStringEntryProto { Key = r.Pick("onnxgrow.plan", "onnxgrow.source_graph", Hostile.Name(r)), Value = Hostile.Name(r) });
                break;
        }
    }

    private static void Names(ModelProto model, GraphProto graph, SplitMix64 r)
    {
        string old = NodeMutations.AnyName(graph, r);
        string name = r.Coin() ? Hostile.Name(r) : NodeMutations.AnyName(graph, r);
        switch (r.Int(0, 4))
        {
            case 0:
                graph.Name = name;
                break;
            case 1:
                NodeMutations.Rename(graph, old, name);
                break;
            case 2 when graph.Initializer.Count > 0:
                TensorProto twice = graph.Initializer[r.Int(0, graph.Initializer.Count - 1)].Clone();
                graph.Initializer.Add(twice);
                break;
            case 3 when graph.Initializer.Count > 0:
                int at = r.Int(0, graph.Initializer.Count - 1);
                if (r.Coin())
                {
                    graph.SparseInitializer.Add(new SparseTensorProto { Values = graph.Initializer[at], Indices = r.Coin() ? graph.Initializer[0] : null });
                }

                graph.Initializer.RemoveAt(at);
                break;
            default:
                model.TrainingInfo.Add(new TrainingInfoProto { Algorithm = graph.Clone() });
                break;
        }
    }
}
