using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Reports;
using Xunit;

namespace OnnxGrow.Runtime.Tests;

public class EquivalenceCheckerTests
{
    [Fact]
    public void A_model_is_equivalent_to_itself()
    {
        EquivalenceReport report = Compare(SmallEncoder.Make());
        Assert.Equal(Verdict.Equivalent, report.Verdict);
        Assert.Equal(ExitCode.Success, report.ExitCode);
        Assert.Equal(0, report.Witness!.RequiredTolerance);
        Assert.Equal(0, report.AsShipped!.RequiredTolerance);
        Assert.All(report.AsShipped.Outputs, o => Assert.Single(o.UlpHistogram));
        Assert.Equal(1, report.AsShipped.Outputs[0].ArgMaxAgreement);
    }

    [Fact]
    public void What_the_inputs_cover_is_reported()
    {
        EquivalenceReport report = Compare(SmallEncoder.Make());
        InputMeaning ids = report.Inputs.Single(i => i.Name == "ids");
        Assert.Equal((InputKind.Index, 50L, 50L), (ids.Kind, ids.Rows, ids.RowsUsed));
        Assert.Equal(InputKind.Mask, report.Inputs.Single(i => i.Name == "mask").Kind);
        Assert.Contains(report.InputNotes, n => n.Contains("lengths 1 to 16, the longest", StringComparison.Ordinal));
    }

    public static TheoryData<string, string[]> Weights => new()
    {
        { "one weight off by 1e-3", ["wv", "off"] },
        { "one embedding entry of a high token id", ["words", "high"] },
        { "one embedding entry of token 0", ["words", "zero"] },
        { "the last position", ["places", "last"] },
        { "two heads of the query swapped", ["wq", "heads"] },
        { "two heads of the value swapped", ["wv", "heads"] },
        { "a NaN weight", ["head", "nan"] },
    };

    [Theory]
    [MemberData(nameof(Weights))]
    public void Changed_weights_are_found(string what, string[] change)
    {
        OnnxModel grown = SmallEncoder.Make(null, SmallEncoder.Edit(change[0], values =>
        {
            switch (change[1])
            {
                case "off":
                    values[11] += 1e-3f;
                    break;
                case "high":
                    values[^3] += 1e-2f;
                    break;
                case "zero":
                    values[2] += 1e-2f;
                    break;
                case "last":
                    values[^1] += 1e-2f;
                    break;
                case "nan":
                    values[5] = float.NaN;
                    break;
                default:
                    for (int i = 0; i < values.Length; i += 8)
                    {
                        float[] row = values[i..(i + 8)];
                        row[4..].CopyTo(values, i);
                        row[..4].CopyTo(values, i + 4);
                    }

                    break;
            }
        }));
        Refuted(grown, what);
    }

    public static TheoryData<string, string> Ends => new()
    {
        { "only at padded positions", "mask" },
        { "only at length 13", "length" },
        { "only in the second row of a batch", "row" },
        { "only for token ids above 9", "ids" },
        { "NaN for one token", "nan" },
        { "infinite for one token", "infinity" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Differences_that_hide_are_found(string what, string change)
    {
        OnnxModel grown = SmallEncoder.Make(g =>
        {
            g.Floats("extra", [], [change switch { "nan" => float.NaN, "infinity" => float.PositiveInfinity, _ => 1e-2f }])
                .Floats("none", [], [0]).Ints("dim2", [1], 2).Ints("c0", [], 0).Ints("c9", [], 9).Ints("c13", [1], 13).Ints("c37", [], 37)
                .Ints("row_numbers", [8, 1, 1], [.. Enumerable.Range(0, 8).Select(i => (long)i)]);
            _ = change switch
            {
                "mask" => g.Node("Equal", "mask,c0", "narrow").Node("Unsqueeze", "narrow,dim2", "where"),
                "length" => g.Node("Equal", "seq_len,c13", "where"),
                "ids" => g.Node("Greater", "ids,c9", "narrow").Node("Unsqueeze", "narrow,dim2", "where"),
                "row" => g.Node("Slice", "shape,zero,one", "rows").Node("Slice", "row_numbers,zero,rows,zero", "numbers")
                    .Node("Equal", "numbers,one", "where"),
                _ => g.Node("Equal", "ids,c37", "narrow").Node("Unsqueeze", "narrow,dim2", "where"),
            };
            g.Node("Where", "where,extra,none", "addend").Node("Add", "raw,addend", "logits");
        });
        Refuted(grown, what);
    }

    [Fact]
    public void A_float16_overflow_that_real_arithmetic_does_not_have_is_found()
    {
        // 32768 x and back: nothing in float64, infinite in float16 from 2 on.
        OnnxModel source = Half(g => g.Node("Mul", "x,one", "y"));
        OnnxModel grown = Half(g => g.Node("Mul", "x,large", "much").Node("Mul", "much,small", "y"));
        foreach (OnnxModel far in new[] { grown, Half(g => g.Node("MatMul", "x,wide", "much").Node("MatMul", "much,narrow", "y")) })
        {
            EquivalenceReport report = EquivalenceChecker.Compare(source, far, options: Fast);
            Assert.Equal(Verdict.NotEquivalent, report.Verdict);
            Assert.Equal(Verdict.NotEquivalent, report.AsShipped!.Verdict);
        }

        static OnnxModel Half(Action<TestGraph> body)
        {
            var g = new TestGraph(17).Input("x", ElementType.Float16, "n", 4).Output("y", ElementType.Float16, "n", 4)
                .Initializer(Tensors.Numbers("one", ElementType.Float16, [], [1])).Initializer(Tensors.Numbers("large", ElementType.Float16, [], [32768]))
                .Initializer(Tensors.Numbers("small", ElementType.Float16, [], [1.0 / 32768]))
                .Initializer(Tensors.Numbers("wide", ElementType.Float16, [4, 4], Diagonal(32768)))
                .Initializer(Tensors.Numbers("narrow", ElementType.Float16, [4, 4], Diagonal(1.0 / 32768)));
            body(g);
            return g.Build();
        }

        static double[] Diagonal(double value) => [.. Enumerable.Range(0, 16).Select(i => i % 5 == 0 ? value : 0)];
    }

    [Fact]
    public void Another_interface_is_refuted()
    {
        Refuted(SmallEncoder.Make(null, m => m.Graph.Output.Add(TestGraph.Info("x", ElementType.Float32, "batch", "seq", 8))), "another output");
        Refuted(SmallEncoder.Make(null, m => m.Graph.Output.RemoveAt(1)), "lacks the output 'pooled'");
        Refuted(SmallEncoder.Make(null, Swap), "another order");
        Refuted(SmallEncoder.Make(null, m => m.Graph.Input.Add(TestGraph.Info("more", ElementType.Int64, "batch"))), "another input");
        Refuted(SmallEncoder.Make(null, m => m.Graph.Output[1].Type.TensorType.Shape.Dim[1].DimValue = 16), "[batch, 16]");
        Refuted(SmallEncoder.Make(null, m => m.Graph.Output[1].Type.TensorType.ElemType = 11), "Float64");

        static void Swap(ModelProto m)
        {
            ValueInfoProto first = m.Graph.Output[0].Clone();
            m.Graph.Output.RemoveAt(0);
            m.Graph.Output.Add(first);
        }
    }

    [Fact]
    public void Swapped_outputs_of_the_same_form_are_refuted()
    {
        OnnxModel source = Two("a", "b"), grown = Two("b", "a");
        EquivalenceReport report = EquivalenceChecker.Compare(source, grown);
        Assert.Equal(Verdict.NotEquivalent, report.Verdict);

        static OnnxModel Two(string first, string second) => new TestGraph().Input("x", ElementType.Float32, "n", 4)
            .Output("a", ElementType.Float32, "n", 4).Output("b", ElementType.Float32, "n", 4)
            .Node("Relu", "x", first).Node("Abs", "x", second).Build();
    }

    [Fact]
    public void NaN_in_both_is_not_taken_for_equal()
    {
        Action<ModelProto> nan = SmallEncoder.Edit("head", v => v[5] = float.NaN);
        EquivalenceReport report = EquivalenceChecker.Compare(SmallEncoder.Make(null, nan), SmallEncoder.Make(null, nan), options: Fast);
        Assert.Equal(Verdict.NotVerified, report.Verdict);
        Assert.Equal(ExitCode.NotVerified, report.ExitCode);
        Assert.Contains("NaN in both", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_cannot_be_lifted_needs_the_certificate()
    {
        OnnxModel Foreign() => new TestGraph().Input("x", ElementType.Float32, 4, 4).Output("y", ElementType.Float32, 4, 4)
            .Node("com.microsoft.Inverse", "x", "y").Build();
        EquivalenceReport report = EquivalenceChecker.Compare(Foreign(), Foreign());
        Assert.Equal(Verdict.NotVerified, report.Verdict);
        Assert.Contains("com.microsoft.Inverse", report.Summary, StringComparison.Ordinal);
        Assert.Equal(Verdict.Equivalent, report.AsShipped!.Verdict);
        report = EquivalenceChecker.Compare(Foreign(), Foreign(), options: new EquivalenceOptions { Certificate = new(true, true, "all weights") });
        Assert.Equal(Verdict.Equivalent, report.Verdict);
    }

    [Fact]
    public void A_failed_certificate_decides()
    {
        EquivalenceOptions options = Fast with { Certificate = new(true, false, "weight 'wv' differs", 1.5) };
        EquivalenceReport report = EquivalenceChecker.Compare(SmallEncoder.Make(), SmallEncoder.Make(), options: options);
        Assert.Equal(Verdict.NotEquivalent, report.Verdict);
        Assert.Contains("'wv'", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_provider_is_not_a_difference()
    {
        EquivalenceReport report = EquivalenceChecker.Compare(
            SmallEncoder.Make(), SmallEncoder.Make(), options: Fast with { Provider = "cuda", Levels = EquivalenceLevels.AsShipped });
        Assert.NotEqual(Verdict.NotEquivalent, report.Verdict);
        if (report.Verdict == Verdict.NotVerified)
        {
            Assert.Contains("OnnxRuntimeCuda", report.Summary, StringComparison.Ordinal);
        }

        Assert.Throws<BadInputException>(() => EquivalenceChecker.Compare(
            SmallEncoder.Make(), SmallEncoder.Make(), options: Fast with { Provider = "tpu" }));
    }

    [Fact]
    public void Exact_weights_are_read_before_rounding()
    {
        OnnxModel grown = SmallEncoder.Make();
        using OnnxModel exact = grown.Clone();
        TensorProto tensor = exact.Proto.Graph.Initializer.Single(t => t.Name == "wo");
        exact.SetData(tensor, new Nudged(grown.DataOf(grown.Proto.Graph.Initializer.Single(t => t.Name == "wo")), 1e-9));
        EquivalenceReport report = EquivalenceChecker.Compare(SmallEncoder.Make(), grown, exact, options: Fast);
        Assert.Equal("before rounding", report.Witness!.Weights);
        Assert.Equal(Verdict.NotEquivalent, report.Witness.Verdict);
        Assert.InRange(report.Witness.RequiredTolerance!.Value, 1e-11, 1e-6);
        Assert.Equal(Verdict.Equivalent, report.AsShipped!.Verdict);
    }

    [Fact]
    public void The_report_survives_JSON_and_is_the_same_every_time()
    {
        EquivalenceOptions options = Fast with { Layers = true, Certificate = new(true, true, "ok") };
        string Json() => EquivalenceChecker.Compare(SmallEncoder.Make(), SmallEncoder.Make(null, SmallEncoder.Edit("wv", v => v[0] += 1)), options: options).ToJson();
        string json = Json();
        Assert.Equal(json, Json());
        Assert.Equal(json, EquivalenceReport.FromJson(json).ToJson());
        Assert.Contains("\"verdict\": \"NotEquivalent\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_node_that_differs_is_named()
    {
        EquivalenceOptions options = Fast with { Layers = true };
        LayerReport layers = EquivalenceChecker.Compare(
            SmallEncoder.Make(), SmallEncoder.Make(null, SmallEncoder.Edit("wk", v => v[0] += 1e-3f)), options: options).Layers!;
        Assert.Equal("k_flat", layers.First!.Value);
        Assert.Equal("MatMul", layers.First.Operator);
        Assert.True(layers.InFloat64);
        Assert.True(layers.Compared > 20);
        Assert.Null(EquivalenceChecker.Compare(SmallEncoder.Make(), SmallEncoder.Make(), options: options).Layers!.First);
    }

    private static EquivalenceOptions Fast => new() { MaxLength = 6 };

    private static EquivalenceReport Compare(OnnxModel grown) => EquivalenceChecker.Compare(SmallEncoder.Make(), grown);

    private static void Refuted(OnnxModel grown, string what)
    {
        EquivalenceReport report = Compare(grown);
        Assert.True(report.Verdict == Verdict.NotEquivalent, $"{what}: {report.Summary}");
        Assert.Equal(ExitCode.NotEquivalent, report.ExitCode);
        if (report.InterfaceDifferences.Count > 0)
        {
            Assert.Contains(what, report.Summary, StringComparison.Ordinal);
        }
    }

    private sealed class Nudged(TensorData inner, double by) : TensorData
    {
        public override ElementType ElementType => inner.ElementType;

        public override long Count => inner.Count;

        public override void ReadBytes(long byteOffset, Span<byte> destination) => inner.ReadBytes(byteOffset, destination);

        public override void ReadDoubles(long first, Span<double> destination)
        {
            inner.ReadDoubles(first, destination);
            foreach (ref double value in destination)
            {
                value += by;
            }
        }
    }
}
