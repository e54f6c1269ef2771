using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using OnnxGrow.Reports.Checks;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Reports;
using OnnxGrow.Runtime.Reports.Checks;
using Xunit;

namespace OnnxGrow.Reports.Tests.Checks;

/// <summary>Reports for CI systems, of names that a hostile file could have.</summary>
public sealed class CheckReportTests
{
    /// <summary>Markup of all three formats, controls, a lone surrogate, characters that XML lacks, text turned around.</summary>
    private const string Hostile = "<b>&amp; ]]> \"'\u0000\u0007\u001b[31m\ud800x\udc00\ufffe\uffff\u202e\u2028|`a`\r\n# **b** [c](http://d) www.e.org ![f](g) <script> {0} \\";

    private static CheckRun Run(string name) => new()
    {
        Command = "verify",
        Source = "a.onnx",
        Grown = "dir/b.onnx",
        Summary = "not equivalent: " + name,
        ExitCode = ExitCode.NotEquivalent,
        Seconds = 1234.5678,
        Report = new EquivalenceReport
        {
            Source = "a.onnx",
            Grown = "dir/b.onnx",
            Verdict = Verdict.NotEquivalent,
            Summary = "not equivalent: " + name,
            Certificate = new CertificateSummary(true, false, name) { Faults = [new(name, name), new(null, name)] },
            AsShipped = new LevelReport
            {
                Verdict = Verdict.NotEquivalent,
                Provider = "cpu",
                Weights = "as stored",
                Tolerance = 1e-5,
                Outputs = [new OutputReport(name, Verdict.NotEquivalent, name, new TensorComparison { Name = name, Source = "", Grown = "", MaxRelative = double.NaN }, double.PositiveInfinity, long.MaxValue, [], 0.5, null)],
            },
            Layers = new LayerReport { Verdict = Verdict.NotEquivalent, Text = name },
        },
    };

    [Fact]
    public void JUnit_is_well_formed_and_keeps_what_can_be_kept()
    {
        string xml = JUnitReport.Of(Run(Hostile) with { Source = Hostile, Grown = Hostile });
        using var reader = XmlReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(xml)), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = true });
        XElement suites = XDocument.Load(reader).Root!;
        XElement[] cases = [.. suites.Element("testsuite")!.Elements("testcase")];
        Assert.Equal(["interface", "certificate", "certificate", "as shipped", "verdict"], cases.Select(c => c.Attribute("name")!.Value.Split(':')[0]));
        Assert.Contains("<b>&amp; ]]> \"'\\u0000\\u0007\\u001b[31m\\ud800x\\udc00\\ufffe\\uffff\\u202e\\u2028|", cases[^1].Element("failure")!.Attribute("message")!.Value, StringComparison.Ordinal);
        Assert.Equal("4", suites.Attribute("failures")!.Value);
        Assert.DoesNotContain('\u202e', xml);
        Assert.DoesNotContain('\u001b', xml);
    }

    [Fact]
    public void Numbers_are_the_same_in_every_language()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            german.NumberFormat.NumberDecimalSeparator = ",";
            german.NumberFormat.NegativeSign = "~";
            CultureInfo.CurrentCulture = german;
            Assert.Contains(" time=\"1234.568\"", JUnitReport.Of(Run("x")), StringComparison.Ordinal);
            Assert.Contains("tolerance 1.0e-5; largest absolute error Infinity, too many ULP to count, arg-max agrees on 50.0 %", JUnitReport.Of(Run("x")), StringComparison.Ordinal);
            Assert.Contains("- exit code 1, 1234.6 s\n", SummaryReport.Of(Run("x")), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Sarif_is_JSON_whose_messages_hold_no_links()
    {
        string text = SarifReport.Of(Run(Hostile), "/root of it");
        JsonArray results = JsonNode.Parse(text)!["runs"]![0]!["results"]!.AsArray();
        Assert.Equal(3, results.Count);
        Assert.All(results, r => Assert.DoesNotContain("[c](", (string?)r!["message"]!["text"], StringComparison.Ordinal));
        Assert.DoesNotContain('\u202e', text);
        Assert.Equal(3, results.Select(r => (string?)r!["partialFingerprints"]!["onnxgrow/1"]).Distinct().Count());

        // The same failure of another run is the same one.
        JsonNode other = JsonNode.Parse(SarifReport.Of(Run(Hostile) with { Seconds = 1 }, "/root of it"))!;
        Assert.Equal((string?)results[0]!["partialFingerprints"]!["onnxgrow/1"], (string?)other["runs"]![0]!["results"]![0]!["partialFingerprints"]!["onnxgrow/1"]);
    }

    [Theory]
    [InlineData("models/my model#1.onnx", "models/my%20model%231.onnx")]
    [InlineData("./a/../b.onnx", "b.onnx")]
    [InlineData("/elsewhere/b.onnx", "file:///elsewhere/b.onnx")]
    [InlineData("../b.onnx", "file:///b.onnx")]
    public void Sarif_names_files_by_the_checkout(string path, string uri)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        JsonNode sarif = JsonNode.Parse(SarifReport.Of(Run("x") with { Grown = path }, "/work"))!;
        Assert.Equal(uri, (string?)sarif["runs"]![0]!["results"]![0]!["locations"]![0]!["physicalLocation"]!["artifactLocation"]!["uri"]);
    }

    [Fact]
    public void Markdown_of_names_stays_text()
    {
        string text = SummaryReport.Of(Run(Hostile) with { Source = "```\n# x" });
        foreach (string line in text.Split('\n'))
        {
            Assert.DoesNotContain("<b>", line.Replace("\\<", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("[c]", line, StringComparison.Ordinal);
            Assert.DoesNotContain("http://", line, StringComparison.Ordinal);
            Assert.DoesNotContain("www.", line, StringComparison.Ordinal);
            Assert.False(line.StartsWith("# ", StringComparison.Ordinal), line);
        }

        // Three columns in every row, whatever the names hold.
        string[] rows = [.. text.Split('\n').Where(l => l.StartsWith('|'))];
        Assert.Equal(6, rows.Length);
        Assert.All(rows, row => Assert.Equal(4, row.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|')));
        Assert.Contains("\n````sh\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', text);
    }

    [Fact]
    public void What_passes_has_no_results_and_what_is_not_proved_has_one()
    {
        CheckRun passed = Run("x") with
        {
            ExitCode = ExitCode.Success,
            Report = new EquivalenceReport { Verdict = Verdict.Equivalent, Summary = "equivalent", Certificate = new CertificateSummary(false, false, "no plan") },
        };
        Assert.Empty(JsonNode.Parse(SarifReport.Of(passed, "/"))!["runs"]![0]!["results"]!.AsArray());
        Assert.Contains("failures=\"0\" errors=\"0\" skipped=\"1\"", JUnitReport.Of(passed), StringComparison.Ordinal);
        Assert.StartsWith("## ✅", SummaryReport.Of(passed), StringComparison.Ordinal);

        CheckRun unknown = passed with { ExitCode = ExitCode.NotVerified, Report = passed.Report! with { Verdict = Verdict.NotVerified } };
        Assert.Single(JsonNode.Parse(SarifReport.Of(unknown, "/"))!["runs"]![0]!["results"]!.AsArray());
        Assert.Contains("failures=\"0\" errors=\"1\" skipped=\"1\"", JUnitReport.Of(unknown), StringComparison.Ordinal);
        Assert.StartsWith("## ⚠️", SummaryReport.Of(unknown), StringComparison.Ordinal);

        // A growth by a lossy method: nothing is to be proved, and nothing is wrong.
        CheckRun lossy = passed with { Report = null, Summary = "lossy by design (stack)" };
        Assert.Contains("failures=\"0\" errors=\"0\" skipped=\"1\"", JUnitReport.Of(lossy), StringComparison.Ordinal);
        Assert.Empty(JsonNode.Parse(SarifReport.Of(lossy, "/"))!["runs"]![0]!["results"]!.AsArray());
    }

    [Fact]
    public void Identifiers_of_rules_stay() => Assert.Equal(
        ["interface-differs", "weight-differs", "float64-differs", "output-differs", "cannot-learn", "not-proved"],
        CheckRule.All.Select(r => r.Id));
}
