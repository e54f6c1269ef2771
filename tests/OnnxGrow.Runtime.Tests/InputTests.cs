using System.Text;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Inputs;
using Xunit;

namespace OnnxGrow.Runtime.Tests;

public class InputTests
{
    [Fact]
    public void Random_numbers_are_those_of_the_reference()
    {
        // The first outputs of SplitMix64 for seed 1234567, as published with it.
        var random = new SplitMix64(1234567);
        Assert.Equal(6457827717110365317ul, random.Next());
        Assert.Equal(3203168211198807973ul, random.Next());
        double[] normal = [.. Enumerable.Range(0, 20000).Select(_ => random.Normal())];
        Assert.InRange(normal.Average(), -0.03, 0.03);
        Assert.InRange(normal.Select(x => x * x).Average(), 0.95, 1.05);
    }

    [Fact]
    public void Ids_start_with_the_last_and_the_first_row_and_use_every_row_once()
    {
        var stream = new IdStream(100, new SplitMix64(3));
        long[] ids = [.. Enumerable.Range(0, 100).Select(_ => stream.Next())];
        Assert.Equal([99, 0], ids[..2]);
        Assert.Equal(100, ids.Distinct().Count());
        Assert.Equal(100, stream.Distinct);
        stream.Next();
        Assert.Equal(100, stream.Distinct);
    }

    [Fact]
    public void Cases_have_padding_on_both_sides_holes_and_a_whole_row()
    {
        InputSet set = Generate(SmallEncoder.Make());
        bool right = false, left = false, holes = false;
        foreach (InputCase each in set.Cases.Where(c => c.Inputs["mask"].Dims is [> 1, > 2]))
        {
            double[] mask = each.Inputs["mask"].ToDoubles();
            int length = (int)each.Inputs["mask"].Dims[1];
            string[] rows = [.. mask.Chunk(length).Select(r => string.Concat(r.Select(x => (char)('0' + (int)x))))];
            Assert.DoesNotContain('0', rows[0]);
            Assert.All(rows, r => Assert.Contains('1', r));
            right |= rows.Any(r => r[^1] == '0' && r.TrimEnd('0').All(c => c == '1'));
            left |= rows.Any(r => r[0] == '0' && r.TrimStart('0').All(c => c == '1'));
            holes |= rows.Any(r => r.Trim('0').Contains('0', StringComparison.Ordinal));
        }

        Assert.True(right && left && holes);
        Assert.Contains(set.Cases, c => c.Inputs["ids"].Dims is [1, 1]);
        Assert.Contains(set.Cases, c => c.Inputs["ids"].Dims is [3, _]);
        Assert.Equal(Enumerable.Range(1, 16).Select(i => (long)i), set.Cases.Select(c => c.Inputs["ids"].Dims[1]).Distinct().Order());
    }

    [Fact]
    public void The_same_seed_gives_the_same_inputs()
    {
        string Bytes(ulong seed) => string.Join(';', Generate(SmallEncoder.Make(), seed).Cases.SelectMany(c => c.Inputs.Values)
            .Select(t => Convert.ToHexString(t.Bytes.Span)));
        Assert.Equal(Bytes(5), Bytes(5));
        Assert.NotEqual(Bytes(5), Bytes(6));
    }

    [Fact]
    public void Offsets_before_a_table_narrow_the_range()
    {
        OnnxModel model = new TestGraph().Input("positions", ElementType.Int64, "b", "s").Output("y", ElementType.Float32, "b", "s", 3)
            .Weight("table", 1, 10, 3).Ints("two", [], 2).Node("Add", "positions,two", "at").Node("Gather", "table,at", "y").Build();
        InputSet set = Generate(model);
        Assert.Equal((8L, 0L), (set.Inputs[0].Rows, set.Inputs[0].First));
        double[] values = [.. set.Cases.SelectMany(c => c.Inputs["positions"].ToDoubles())];
        Assert.Equal((0, 7), (values.Min(), values.Max()));
    }

    [Fact]
    public void Segment_ids_stay_below_their_small_table_and_images_are_normal()
    {
        OnnxModel model = new TestGraph().Input("segments", ElementType.Int32, "b", "s").Input("image", ElementType.Float32, "b", 3, 4, 4)
            .Output("y", ElementType.Float32, "b", "s", 3).Output("z", ElementType.Float32, "b", 3, 4, 4)
            .Weight("table", 1, 2, 3).Node("Gather", "table,segments", "y").Node("Relu", "image", "z").Build();
        InputSet set = Generate(model);
        Assert.Equal([InputKind.Index, InputKind.Values], set.Inputs.Select(i => i.Kind));
        Assert.Equal([0, 1], set.Cases.SelectMany(c => c.Inputs["segments"].ToDoubles()).Distinct().Order());
        Assert.Contains(set.Cases, c => c.Inputs["image"].ToDoubles().Min() < -1);
    }

    [Fact]
    public void Differently_named_extents_that_must_agree_are_found()
    {
        OnnxModel model = new TestGraph().Input("a", ElementType.Float32, "n", "x", 4).Input("b", ElementType.Float32, "m", "total", 4)
            .Input("past", ElementType.Float32, "k", 2, "p", 4).Output("y", ElementType.Float32, "n", "z", 4)
            .Ints("zero", [], 0).Node("Gather", "past,zero", "first", ("axis", 1)).Node("Concat", "first,a", "joined", ("axis", 1))
            .Node("Add", "joined,b", "y").Build();
        InputSet set = Generate(model);
        Assert.Contains("total = Total", set.Notes);
        Assert.Contains("p = Past", set.Notes);
        Assert.Contains(set.Cases, c => c.Inputs["past"].Dims[2] == 0);
    }

    [Fact]
    public void A_model_that_never_runs_is_reported_with_its_error()
    {
        OnnxModel model = new TestGraph().Input("a", ElementType.Float32, "n", 3).Output("y", ElementType.Float32, "n", 4)
            .Ints("to", [2], -1, 1000).Node("Reshape", "a,to", "y").Build();
        Assert.Contains("--inputs", Assert.Throws<NotVerifiedException>(() => Generate(model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128, 64)]
    [InlineData(128, 1)]
    [InlineData(128, 127)]
    [InlineData(128, 500)]
    [InlineData(1, 1)]
    public void The_longest_length_is_found(long limit, long end)
    {
        int runs = 0;
        (long shortest, long longest) = LengthRange.Find(limit, [32, 64], length =>
        {
            runs++;
            return length <= end;
        });
        Assert.Equal((1, Math.Min(limit, end)), (shortest, longest));
        Assert.InRange(runs, 1, 16);
    }

    [Fact]
    public void Npy_files_are_read()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxgrow-test-");
        try
        {
            OnnxModel model = new TestGraph().Input("a/b", ElementType.Float32, "n", 3).Output("y", ElementType.Float32, "n", 3).Node("Relu", "a/b", "y").Build();
            Assert.Throws<BadInputException>(() => InputFiles.Read(folder.FullName, model));
            string path = Path.Combine(folder.CreateSubdirectory("case1").FullName, "a_b.npy");
            File.WriteAllBytes(path, Npy("<f8", "(2, 3)", [1, 2, 3, 4, 5, 6]));
            InputSet set = InputFiles.Read(folder.FullName, model);
            Assert.Equal("case1", set.Cases[0].Name);
            Assert.Equal([1, 2, 3, 4, 5, 6], set.Cases[0].Inputs["a/b"].ToDoubles());
            Assert.Equal(ElementType.Float32, set.Cases[0].Inputs["a/b"].ElementType);
            foreach (byte[] bad in new[] { Npy("<f8", "(2, 4)", [1, 2]), Npy(">f8", "(1,)", [1]), Npy("<f8", "(99999999999,99999999999)", [1]), "no"u8.ToArray() })
            {
                File.WriteAllBytes(path, bad);
                Assert.Contains("a_b.npy", Assert.Throws<BadInputException>(() => InputFiles.Read(folder.FullName, model)).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            folder.Delete(true);
        }
    }

    private static byte[] Npy(string type, string shape, double[] values)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. values.SelectMany(BitConverter.GetBytes)];
    }

    private static InputSet Generate(OnnxModel model, ulong seed = 1)
    {
        using var session = new OrtSession(model);
        return InputGenerator.Generate(model, seed, 20, inputs => TrialRun.Of(session, inputs));
    }
}
