using System.Globalization;
using OnnxGrow.Reports.Runs;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Reports.Tests;

public sealed class BrowserTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [ChromiumFact]
    public void The_plots_are_drawn_under_the_pages_own_policy()
    {
        File.WriteAllLines(_folder.File("a.onnx.log.jsonl"), Enumerable.Range(1, 50).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"{{\"step\":{i},\"loss\":{3.0 / i},\"lr\":0.1,\"grad_norm\":{1.0 / i},\"seconds\":{i},\"entries\":{8 * i}}}")));
        File.WriteAllText(_folder.File("page.html"), RunReport.Of([_folder.File("a.onnx")]));
        (string document, string messages) = Chromium.Open(_folder.File("page.html"), _folder.File("profile"));
        Assert.Equal("", messages);
        Assert.Equal(3, document.Split("<canvas").Length - 1);

        // The same with one letter of a script changed is not run, and the browser says why.
        string changed = File.ReadAllText(_folder.File("page.html")).Replace("nothing to draw", "nothing to show", StringComparison.Ordinal);
        File.WriteAllText(_folder.File("changed.html"), changed);
        (document, messages) = Chromium.Open(_folder.File("changed.html"), _folder.File("profile"));
        Assert.Contains("Content Security Policy", messages, StringComparison.Ordinal);
        Assert.DoesNotContain("<canvas", document, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
