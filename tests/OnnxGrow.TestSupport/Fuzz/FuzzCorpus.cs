using System.Collections.Concurrent;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport.Random;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>The sound models that fuzzing starts from. They are made or read when they are first asked for.</summary>
internal sealed class FuzzCorpus
{
    /// <summary>Files of the project up to this size take part; larger ones are the same graphs with more numbers.</summary>
    private const long LargestFile = 260_000;

    private const int Drawn = 24;

    private readonly ConcurrentDictionary<int, ModelProto> _models = new();
    private readonly ConcurrentDictionary<int, (ModelProto Model, string[] Dimensions)> _grown = new();
    private readonly Lazy<string[]> _files = new(() => [.. Repository.AllModels.Where(m => new FileInfo(m).Length < LargestFile)]);

    /// <summary>A model; drawn ones are small and fast, those of files have every style of graph.</summary>
    public ModelProto Model(SplitMix64 r)
    {
        int which = r.Int(0, 4) < 3 ? r.Int(0, Drawn - 1) : Drawn + r.Int(0, _files.Value.Length - 1);
        return _models.GetOrAdd(which, Build).Clone();
    }

    /// <summary>A small model; its files are small too.</summary>
    public ModelProto SmallModel(SplitMix64 r) => _models.GetOrAdd(r.Int(0, Drawn - 1), Build).Clone();

    /// <summary>A grown model that carries its source, and the names of the source's dimensions.</summary>
    public (ModelProto Model, string[] Dimensions) Grown(SplitMix64 r) => _grown.GetOrAdd(r.Int(0, Drawn - 1), Grow);

    private ModelProto Build(int which)
    {
        if (which >= Drawn)
        {
            using OnnxModel file = OnnxModel.Open(_files.Value[which - Drawn]);
            return ModelProto.Parser.ParseFrom(file.ToBytes());
        }

        var r = new SplitMix64((ulong)which);
        return (which % 3) switch
        {
            0 => RandomTransformer.Build(TransformerShape.Draw(r), r.Next()),
            1 => RandomModel.Build(ShapeDraw.Draw(r, ModelKind.Image, r.Pick(ElementType.Float32, ElementType.Float16)), r.Next()),
            _ => RandomModel.Build(ShapeDraw.Draw(r, ModelKind.Decoder, r.Pick(ElementType.Float32, ElementType.Float64)), r.Next()),
        };
    }

    private (ModelProto Model, string[] Dimensions) Grow(int which)
    {
        // Not every drawn plan can be done on every drawn model; the first that can is taken.
        for (ulong attempt = 0; ; attempt++)
        {
            using OnnxModel source = OnnxModel.FromProto(_models.GetOrAdd(which, Build).Clone());
            ModelMap map = ModelMap.Of(source);
            try
            {
                using GrownModel grown = Grower.Grow(map, attempt > 50 ? new GrowthPlan() : PlanDraw.Draw(map, new SplitMix64(attempt)));
                PlanMetadata.SetSourceGraph(grown);
                return (ModelProto.Parser.ParseFrom(grown.Model.ToBytes()), [.. map.Dimensions.Select(d => d.Name)]);
            }
            catch (CannotGrowException)
            {
            }
        }
    }
}
