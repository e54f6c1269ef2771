using OnnxGrow.Runtime.Kernels;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Kernels;

/// <summary>Programs as text, and what is no program.</summary>
public sealed class BlockProgramTests
{
    [Fact]
    public void A_text_is_read_and_written_back()
    {
        const string text = "in Full Row Trailing Scalar; const 0.5 -1E-05 Infinity; Mul 0 4; RowMean 7; Sub 7 8; HardSigmoid 9 4 5; Select 3 10 2; out 8 11";
        BlockProgram program = BlockProgram.Parse(text);
        Assert.Equal(text, program.ToString());
        Assert.Equal([BlockInput.Full, BlockInput.Row, BlockInput.Trailing, BlockInput.Scalar], program.Inputs);
        Assert.Equal(7, program.First);
        Assert.Equal(BlockInput.Row, program.SpreadOf(8));
        Assert.Equal(BlockInput.Full, program.SpreadOf(11));
        Assert.False(program.IsFlat);
        Assert.True(BlockProgram.Parse("in Full Scalar; Mul 0 1; out 2").IsFlat);
    }

    [Theory]
    [InlineData("in Row; Neg 0; out 1", "no input is Full")]
    [InlineData("in Full; Neg 1; out 1", "from after it")]
    [InlineData("in Full; Add 0; out 1", "too few")]
    [InlineData("in Full; Neg 0 0; out 1", "too many")]
    [InlineData("in Full; Neg 0; out 1 1", "one twice")]
    [InlineData("in Full; Neg 0; out 0", "no result")]
    [InlineData("in Full; Neg 0; out 7", "no result")]
    [InlineData("in Full Row; RowSum 1; out 2", "not Full is reduced")]
    [InlineData("in Full Scalar; Neg 1; out 2", "scalars only")]
    [InlineData("in Full Full; HardSigmoid 0 1 1; out 2", "no scalars")]
    [InlineData("in Full; Jump 0; out 1", "no instruction")]
    [InlineData("in Full; Neg -1; out 1", "")]
    [InlineData("in Full; Neg 0", "no output")]
    [InlineData("", "no instruction")]
    public void What_is_no_program_is_refused(string text, string says)
    {
        Assert.Contains(says, Assert.Throws<FormatException>(() => BlockProgram.Parse(text)).Message, StringComparison.Ordinal);
    }
}
