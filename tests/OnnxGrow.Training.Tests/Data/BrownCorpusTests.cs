using OnnxGrow.DataTools;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>The Brown corpus without its tags.</summary>
public sealed class BrownCorpusTests
{
    [Fact]
    public void Text_is_as_one_would_write_it() => Assert.Equal(
        "He said \"no\" (twice), and/or left.\nShe stayed.\n\nA new one begins!\n",
        BrownCorpus.PlainText("\n\n\tHe/pps said/vbd ``/`` no/rb ''/'' (/( twice/rb )/) ,/, and/or/cc left/vbd ./.\nShe/pps stayed/vbd ./.\n\n\n\tA/at new/jj one/pn begins/vbz !/.\n"));
}
