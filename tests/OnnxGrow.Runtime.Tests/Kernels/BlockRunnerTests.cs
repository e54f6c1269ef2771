using OnnxGrow.Runtime.Kernels;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Kernels;

/// <summary>Programs, against the same steps in float64 one element at a time.</summary>
public sealed unsafe class BlockRunnerTests
{
    private const string Norm = "in Full Trailing Trailing; const 0.001; RowMean 0; Sub 0 4; Mul 5 5; RowMean 6; Add 7 3; Sqrt 8; Reciprocal 9; Mul 5 10; Mul 11 1; Add 12 2; out 10 13";
    private const string Everything = """
        in Full Full Row Trailing Scalar; const 0.7 -0.2; Add 0 1; Sub 7 3; Mul 8 2; Div 9 5; Max 10 0; Min 11 4; Neg 12; Abs 13; Sign 13; Exp 12; Add 14 5; Log 17;
        Sqrt 17; Reciprocal 17; Erf 12; Tanh 12; Sigmoid 12; HardSigmoid 12 5 6; Softmax 12; RowSum 12; RowMax 12; Select 2 22 23; Select 15 24 5; Sub 5 25; Div 4 17;
        Max 3 2; Sub 26 2; out 8 14 15 16 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        """;

    public static TheoryData<string, int, int> Programs => new()
    {
        { Norm, 7, 33 },
        { Norm, 300, 16 },
        { Norm, 2, 3000 },
        { Everything, 6, 5 },
        { Everything, 12, 129 },
        { "in Full Full Scalar; Mul 0 2; Add 3 1; Tanh 4; out 4 5", 1, 5003 },
        { "in Full Full Scalar; Mul 0 2; Add 3 1; Tanh 4; out 4 5", 3000, 2 },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void They_compute_what_they_say(string text, int rows, int n)
    {
        BlockProgram program = BlockProgram.Parse(text.ReplaceLineEndings(" "));
        float[][] inputs = InputsOf(program, rows, n);
        float[][] found = Run(program, inputs, rows, n, 1);
        double[][] expected = Reference(program, inputs, rows, n);
        for (int o = 0; o < found.Length; o++)
        {
            for (int i = 0; i < found[o].Length; i++)
            {
                Assert.True(
                    Math.Abs(found[o][i] - expected[o][i]) <= 2e-5 * Math.Max(1, Math.Abs(expected[o][i])),
                    $"output {o} (register {program.Outputs[o]}) at {i}: {found[o][i]:R} instead of {expected[o][i]:R}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Parts_give_the_same_bits_as_the_whole(string text, int rows, int n)
    {
        BlockProgram program = BlockProgram.Parse(text.ReplaceLineEndings(" "));
        float[][] inputs = InputsOf(program, rows, n);
        Assert.Equal(Run(program, inputs, rows, n, 1), Run(program, inputs, rows, n, 3));
    }

    [Fact]
    public void An_output_may_lie_over_an_input_that_is_read_later()
    {
        // w' = w - m' + m: the new m is written before the old one is read for the last time.
        BlockProgram program = BlockProgram.Parse("in Full Full Full; const 0.9; Mul 0 3; Add 4 1; Sub 2 5; Add 6 0; out 5 7");
        float[][] inputs = InputsOf(program, 40, 100);
        float[][] apart = Run(program, inputs, 40, 100, 1);
        float[][] over = [inputs[0], inputs[2]];
        Run(program, inputs, over, 40, 100, 2);
        Assert.Equal(apart, over);
    }

    [Fact]
    public void Nothing_is_computed_of_nothing()
    {
        BlockProgram program = BlockProgram.Parse("in Full; Neg 0; out 1");
        Assert.Empty(Run(program, [[]], 0, 8, 1)[0]);
        Assert.Empty(Run(program, [[]], 8, 0, 1)[0]);
    }

    private static float[][] InputsOf(BlockProgram program, int rows, int n)
    {
        var random = new Random(rows + n);
        return [.. program.Inputs.Select(i => Enumerable.Range(0, i switch
        {
            BlockInput.Full => rows * n,
            BlockInput.Row => rows,
            BlockInput.Trailing => rows % 2 == 0 ? 2 * n : n,
            _ => 1,
        }).Select(k => i == BlockInput.Row && k % 3 == 0 ? 0f : (float)((random.NextDouble() * 4) - 2)).ToArray())];
    }

    private static float[][] Run(BlockProgram program, float[][] inputs, int rows, int n, int parts)
    {
        float[][] outputs = [.. program.Outputs.Select(o => new float[program.SpreadOf(o) == BlockInput.Row ? rows : rows * n])];
        Run(program, inputs, outputs, rows, n, parts);
        return outputs;
    }

    private static void Run(BlockProgram program, float[][] inputs, float[][] outputs, int rows, int n, int parts)
    {
        float*[] from = new float*[inputs.Length], to = new float*[outputs.Length];
        long[] counts = [.. inputs.Select(i => (long)i.Length)];
        System.Runtime.InteropServices.GCHandle[] handles = [.. inputs.Concat(outputs).Select(a => System.Runtime.InteropServices.GCHandle.Alloc(a, System.Runtime.InteropServices.GCHandleType.Pinned))];
        try
        {
            for (int i = 0; i < handles.Length; i++)
            {
                (i < inputs.Length ? ref from[i] : ref to[i - inputs.Length]) = (float*)handles[i].AddrOfPinnedObject();
            }

            fixed (float** ins = from, outs = to)
            fixed (long* sizes = counts)
            {
                var runner = new BlockRunner(program);
                for (int p = 0; p < parts; p++)
                {
                    runner.Run(ins, sizes, outs, n, (long)rows * p / parts, (long)rows * (p + 1) / parts);
                }
            }
        }
        finally
        {
            Array.ForEach(handles, h => h.Free());
        }
    }

    private static double[][] Reference(BlockProgram program, float[][] inputs, int rows, int n)
    {
        double[][] registers = new double[program.First + program.Instructions.Count][];
        for (int r = 0; r < registers.Length; r++)
        {
            registers[r] = r < inputs.Length
                ? [.. Enumerable.Range(0, rows * n).Select(i => (double)inputs[r][program.Inputs[r] switch
                    {
                        BlockInput.Full => i,
                        BlockInput.Row => i / n,
                        BlockInput.Trailing => i % inputs[r].Length,
                        _ => 0,
                    }])]
                : r < program.First ? [.. Enumerable.Repeat((double)program.Constants[r - inputs.Length], rows * n)]
                : Apply(program.Instructions[r - program.First], registers, n);
        }

        return [.. program.Outputs.Select(o => program.SpreadOf(o) == BlockInput.Row ? registers[o].Where((_, i) => i % n == 0).ToArray() : registers[o])];
    }

    private static double[] Apply(BlockInstruction instruction, double[][] registers, int n)
    {
        double[] a = registers[instruction.A];
        double[] b = instruction.B < 0 ? a : registers[instruction.B], c = instruction.C < 0 ? a : registers[instruction.C];
        IEnumerable<double> Row(int i) => a.Skip(i / n * n).Take(n);
        return [.. Enumerable.Range(0, a.Length).Select(i => instruction.Operation switch
        {
            BlockOperation.Add => a[i] + b[i],
            BlockOperation.Sub => a[i] - b[i],
            BlockOperation.Mul => a[i] * b[i],
            BlockOperation.Div => a[i] / b[i],
            BlockOperation.Max => Math.Max(a[i], b[i]),
            BlockOperation.Min => Math.Min(a[i], b[i]),
            BlockOperation.Select => a[i] != 0 ? b[i] : c[i],
            BlockOperation.Neg => -a[i],
            BlockOperation.Abs => Math.Abs(a[i]),
            BlockOperation.Sign => Math.Sign(a[i]),
            BlockOperation.Exp => Math.Exp(a[i]),
            BlockOperation.Log => Math.Log(a[i]),
            BlockOperation.Sqrt => Math.Sqrt(a[i]),
            BlockOperation.Reciprocal => 1 / a[i],
            BlockOperation.Erf => Erf(a[i]),
            BlockOperation.Tanh => Math.Tanh(a[i]),
            BlockOperation.Sigmoid => 1 / (1 + Math.Exp(-a[i])),
            BlockOperation.HardSigmoid => Math.Clamp((a[i] * b[i]) + c[i], 0, 1),
            BlockOperation.Softmax => Math.Exp(a[i]) / Row(i).Sum(Math.Exp),
            BlockOperation.RowSum => Row(i).Sum(),
            BlockOperation.RowMean => Row(i).Average(),
            _ => Row(i).Max(),
        })];
    }

    /// <summary>erf as the integral of its slope, by Simpson's rule.</summary>
    private static double Erf(double x)
    {
        const int steps = 400;
        double Slope(double t) => 2 / Math.Sqrt(Math.PI) * Math.Exp(-t * t);
        double h = x / steps;
        return h / 3 * Enumerable.Range(0, steps / 2).Sum(i => Slope(2 * i * h) + (4 * Slope(((2 * i) + 1) * h)) + Slope(((2 * i) + 2) * h));
    }
}
