using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

public sealed class RoundTripTests : IDisposable
{
    private readonly TestFolder folder = new();

    public static TheoryData<string> Models =>
        [.. Repository.Models, .. Repository.SharedModels is { } shared ? Directory.EnumerateFiles(shared, "*.onnx") : []];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_of_any_exporter_is_written_as_it_was_read(string path)
    {
        ModelProto original = Parse(File.ReadAllBytes(path));
        using OnnxModel model = OnnxModel.Open(path);
        Assert.True(model.Proto.CalculateSize() <= original.CalculateSize());

        model.Save(folder.File("saved.onnx"));
        Assert.Equal(original, Parse(File.ReadAllBytes(folder.File("saved.onnx"))));
        Assert.Equal(original, Parse(model.ToBytes()));
        Assert.Equal(model.ToBytes().Length, model.InlineSize());
        Assert.Equal(["saved.onnx"], folder.Names);

        using OnnxModel clone = model.Clone();
        Assert.Equal(model.ToBytes(), clone.ToBytes());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_comes_out_byte_for_byte_where_its_exporter_wrote_fields_in_order(string path)
    {
        byte[] original = File.ReadAllBytes(path);
        byte[] canonical = Parse(original).ToByteArray();
        using OnnxModel model = OnnxModel.Open(path);
        Assert.Equal(canonical, model.ToBytes());
        if (path.StartsWith(Repository.Root, StringComparison.Ordinal))
        {
            Assert.Equal(original, model.ToBytes());
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_elements_of_every_tensor_are_those_of_the_file(string path)
    {
        using OnnxModel whole = OnnxModel.FromProto(Parse(File.ReadAllBytes(path)));
        using OnnxModel model = OnnxModel.Open(path);
        List<TensorProto> expected = [];
        List<TensorProto> found = [];
        ProtoTensors.Visit(whole.Proto, (tensor, _) => expected.Add(tensor));
        ProtoTensors.Visit(model.Proto, (tensor, _) => found.Add(tensor));
        Assert.Equal(expected.Count, found.Count);
        for (int i = 0; i < found.Count; i++)
        {
            Assert.Equal(TestFolder.BytesOf(whole.DataOf(expected[i])), TestFolder.BytesOf(model.DataOf(found[i])));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Moving_weights_beside_the_model_and_back_changes_nothing_but_their_place(string path)
    {
        using OnnxModel model = OnnxModel.Open(path);
        model.Save(folder.File("external.onnx"), new SaveOptions { ExternalThreshold = 0 });
        using OnnxModel external = OnnxModel.Open(folder.File("external.onnx"));
        Assert.Equal(["external.onnx", "external.onnx.data"], folder.Names);
        external.Save(folder.File("back.onnx"), new SaveOptions { Inline = true });
        using OnnxModel back = OnnxModel.Open(folder.File("back.onnx"));
        for (int i = 0; i < model.Proto.Graph.Initializer.Count; i++)
        {
            TensorProto tensor = model.Proto.Graph.Initializer[i];
            TensorProto again = back.Proto.Graph.Initializer[i];
            Assert.Equal(tensor.Name, again.Name);
            Assert.False(again.HasDataLocation);
            Assert.Equal(TestFolder.BytesOf(model.DataOf(tensor)), TestFolder.BytesOf(back.DataOf(again)));
        }
    }

    [Fact]
    public void Unknown_fields_survive_at_every_level_even_in_groups()
    {
        // Field 500 as a varint, 501 as bytes, 502 as a group that holds a fixed32 and a group.
        byte[] unknown =
        [
            0xA0, 0x1F, 0x7B,
            0xAA, 0x1F, 0x03, 1, 2, 3,
            0xB3, 0x1F, 0x0D, 9, 9, 9, 9, 0x13, 0x14, 0xB4, 0x1F,
        ];
        byte[] tensor = [.. TestFolder.Ramp("w", 1000).ToByteArray(), .. unknown];
        byte[] graph = [.. Field(GraphProto.InitializerFieldNumber, tensor), .. unknown];
        byte[] model =
        [
            .. new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } } }.ToByteArray(),
            .. unknown,
            .. Field(ModelProto.GraphFieldNumber, graph),
        ];
        using OnnxModel opened = OnnxModel.Open(folder.Write("m.onnx", model));
        Assert.True(opened.Proto.Graph.Initializer[0].HasPayload);
        Assert.Equal(Parse(model), Parse(opened.ToBytes()));
        Assert.Equal(model.Length, opened.ToBytes().Length);
    }

    [Fact]
    public void Tensors_are_found_wherever_a_model_can_hold_them()
    {
        TensorProto Big(string name) => TestFolder.Ramp(name, 100);
        SparseTensorProto Sparse() => new() { Values = Big("values"), Indices = Tensors.Int64("indices", [100], [.. Enumerable.Range(0, 100)]) };
        var attribute = new AttributeProto
        {
            Name = "all",
            T = Big("t"),
            Tensors = { Big("a"), Big("b") },
            SparseTensor = Sparse(),
            SparseTensors = { Sparse() },
            G = new GraphProto { Initializer = { Big("inner") }, SparseInitializer = { Sparse() } },
            Graphs = { new GraphProto { Node = { new NodeProto { Attribute = { new AttributeProto { T = Big("deep") } } } } } },
        };
        ModelProto model = TestFolder.Model(Big("w"));
        model.Graph.Node.Add(new NodeProto { OpType = "X", Attribute = { attribute } });
        model.Graph.SparseInitializer.Add(Sparse());
        model.Functions.Add(new FunctionProto { Node = { model.Graph.Node[0].Clone() }, AttributeProto = { attribute.Clone() } });
        model.TrainingInfo.Add(new TrainingInfoProto { Initialization = model.Graph.Clone(), Algorithm = model.Graph.Clone() });

        using OnnxModel opened = OnnxModel.Open(folder.Write("m.onnx", model));
        int count = 0;
        ProtoTensors.Visit(opened.Proto, (tensor, _) =>
        {
            count++;
            Assert.True(tensor.HasPayload);
        });
        Assert.Equal((5 * 11) + (3 * 3), count);
        Assert.Equal(model, Parse(opened.ToBytes()));
    }

    [Fact]
    public void The_newest_messages_survive()
    {
        ModelProto model = TestFolder.Model(TestFolder.Ramp("w", 3));
        model.IrVersion = 14;
        model.Configuration.Add(new DeviceConfigurationProto { Name = "two", NumDevices = 2, Device = { "a", "b" } });
        model.Graph.Node.Add(new NodeProto
        {
            OpType = "F",
            Overload = "o",
            MetadataProps = { new StringStringEntryProto { Key = "k", Value = "v" } },
            DeviceConfigurations =
            {
                new NodeDeviceConfigurationProto
                {
                    ConfigurationId = "two",
                    PipelineStage = 1,
                    ShardingSpec =
                    {
                        new ShardingSpecProto
                        {
                            TensorName = "w",
                            Device = { 0, -1 },
                            IndexToDeviceGroupMap = { new IntIntListEntryProto { Key = -1, Value = { 0, 1 } } },
                            ShardedDim =
                            {
                                new ShardedDimProto { Axis = 0, SimpleSharding = { new SimpleShardedDimProto { DimParam = "n", NumShards = 2 } } },
                            },
                        },
                    },
                },
            },
            Attribute =
            {
                new AttributeProto { Name = "tp", Tp = new TypeProto { OpaqueType = new TypeProto.Types.Opaque { Domain = "d", Name = "n" } } },
                new AttributeProto { Name = "ref", RefAttrName = "outer", Type = AttributeProto.Types.AttributeType.Int },
            },
        });
        using OnnxModel opened = OnnxModel.Open(folder.Write("m.onnx", model));
        Assert.Equal(model, opened.Proto);
        Assert.Equal(model.ToByteArray(), opened.ToBytes());
    }

    private static ModelProto Parse(byte[] bytes) => ModelProto.Parser.ParseFrom(bytes);

    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, Google.Protobuf.WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }
}
