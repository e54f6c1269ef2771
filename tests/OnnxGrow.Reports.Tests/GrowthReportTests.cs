using System.Xml.Linq;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Reports.Equivalence;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Reports.Tests;

public sealed class GrowthReportTests : IDisposable
{
    private static readonly EquivalenceOptions Options = new() { Layers = true, MaxLength = 8 };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_growth_shows_models_weights_errors_and_verdict()
    {
        string source = Repository.Model("bert-mini-op17.onnx");
        (string text, EquivalenceReport report) = Grow(source, new GrowthRequest { Hidden = 96, Layers = 5 });
        XDocument page = PageReader.Read(text);
        Assert.Equal(3, page.Descendants("ul").Single(u => (string?)u.Attribute("class") == "verdicts").Elements("li").Count(l => (string?)l.Attribute("class") == "good"));
        Assert.Equal(2, page.Descendants("span").Count(s => (string?)s.Attribute("class") == "mark" && s.Value == "new"));
        Assert.Equal(["84,816", "559,200"], PageReader.Row(page, "layers (3, then 5)")[..2]);

        // Every layer of the source is met by one of the grown model, behind those that were put in.
        Assert.Equal([0, 1, 2], report.Layers!.ByLayer.Select(l => l.Layer));
        Assert.All(report.Layers.ByLayer, l => Assert.InRange(l.MaxRelative!.Value, 0, 1e-12));
        Assert.Equal(2, PageReader.Row(page, "layer 1").Length);

        // Each new weight has a row, with what it was made of.
        XElement weights = page.Descendants("table").Single(t => (string?)t.Attribute("class") == "weights");
        using GrowthJob job = GrowthJob.Open(source);
        using GrownModel grown = Grower.Grow(job.Map, Planner.Plan(job.Map, new GrowthRequest { Hidden = 96, Layers = 5 }));
        Assert.Equal(grown.Weights.Count, weights.Element("tbody")!.Elements("tr").Count());
        XElement row = weights.Descendants("tr").First(r => r.Element("th")!.Value.StartsWith("bert.embeddings.word_embeddings.weight", StringComparison.Ordinal));
        Assert.Contains("[500, 48] \u2192 [500, 96]", row.Value, StringComparison.Ordinal);
        Assert.Contains(page.Descendants("h3"), h => h.Value.StartsWith("Units in the last place, as shipped", StringComparison.Ordinal));
    }

    [Fact]
    public void A_comparison_says_what_a_growth_did_if_the_second_was_grown_from_the_first()
    {
        string source = Repository.Model("gpt2-mini-op17.onnx");
        Grow(source, new GrowthRequest { Heads = 4 });
        EquivalenceReport report = VerifyJob.Run(source, _folder.File("grown.onnx"), Options);
        XDocument page = PageReader.Read(GrowthReport.OfComparison(source, _folder.File("grown.onnx"), report));
        Assert.Contains(page.Descendants("span"), s => s.Value == " (was 3)");
        Assert.Contains(page.Descendants("table"), t => (string?)t.Attribute("class") == "weights");
    }

    [Fact]
    public void Two_models_that_have_nothing_to_do_with_each_other_are_compared_all_the_same()
    {
        string a = Repository.Model("llama-mini-op17.onnx"), b = Repository.Model("bert-mini-op17.onnx");
        EquivalenceReport report = VerifyJob.Run(a, b, Options);
        XDocument page = PageReader.Read(GrowthReport.OfComparison(a, b, report));
        Assert.Equal("Not equivalent.", page.Descendants("p").First(p => (string?)p.Attribute("class") == "lead").Value);
        Assert.Contains(page.Descendants("li"), l => l.Value.Contains("not run: inputs or outputs of the two differ", StringComparison.Ordinal));
        Assert.DoesNotContain(page.Descendants("table"), t => (string?)t.Attribute("class") == "weights");
        Assert.DoesNotContain(page.Descendants("span"), s => (string?)s.Attribute("class") == "mark");
    }

    [Theory]
    [InlineData("t5-mini-op17.onnx", "stack 2")]
    [InlineData("llama-mini-op17.onnx", "2 key/value heads 3 query heads each 8 head size")]
    [InlineData("mixtral-dense-mini-op17.onnx", "3 experts")]
    [InlineData("vit-mini-op17.onnx", "10 classes")]
    [InlineData("swin-mini-op17.onnx", "width 16, width 32")]
    public void Models_of_all_kinds_are_drawn(string model, string expected)
    {
        string path = Repository.Model(model);
        XDocument page = PageReader.Read(GrowthReport.OfComparison(path, path, VerifyJob.Run(path, path, Options with { Proof = ProofLevel.Certificate })));
        Assert.Equal(2, page.Descendants("figure").Count());
        Assert.Contains(expected, page.Descendants("figure").First().Value, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private (string Page, EquivalenceReport Report) Grow(string source, GrowthRequest request)
    {
        using GrowthJob job = GrowthJob.Open(source);
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(Planner.Plan(job.Map, request)));
        GrowthResult result = job.WriteVerified(grown, _folder.File("grown.onnx"), Options);
        Assert.True(result.Written);
        return (GrowthReport.OfGrowth(grown, source, result.Output, result.Verdict, result.Report), result.Report!);
    }
}
