using System.Globalization;
using System.Text;

namespace OnnxGrow.Docs;

/// <summary>Every code of an error with its cause and its cure.</summary>
internal static class ErrorsPage
{
    /// <summary>Errors of building OnnxGrow itself, which the project files give.</summary>
    private static readonly (string Ids, string Title, string Cure)[] Builds =
    [
        ("OG0001, OG0011", "Node.js or npm is missing", "Install Node.js 18 or newer; for ONNX Runtime, `-p:UseOnnxRuntimeNuGet=true` takes it from NuGet instead."),
        ("OG0002, OG0012", "another build restores the same package", "Wait for it; where none is running, delete the folder that the message names."),
        ("OG0003, OG0013", "'npm ci' failed", "npm's own words are above the error: most often its registry cannot be reached."),
    ];

    /// <summary>The page.</summary>
    public static string Text()
    {
        var page = new StringBuilder("# Errors\n\n" + Markdown.Written);
        page.Append("The command ends with one line on the error stream, `onnxgrow: error OG3001: ...`: the code, what is wrong, where, and what would be right.\nCodes keep their meaning. The first digit is the [exit code](../compatibility.md#exit-codes), but for 7, which is a bug (70).\n");
        foreach (IGrouping<ExitCode, ErrorCode> family in ErrorCode.All.GroupBy(c => c.ExitCode))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## Exit code {(int)family.Key}\n");
            foreach (ErrorCode code in family)
            {
                page.Append(CultureInfo.InvariantCulture, $"\n### {code.Id}: {code.Title}\n\n{code.Cause}\n\n**What to do.** {code.Cure}\n");
            }
        }

        page.Append("\n## Building OnnxGrow\n\n| code | what is wrong | what to do |\n|---|---|---|\n");
        foreach ((string ids, string title, string cure) in Builds)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {ids} | {title} | {Markdown.Cell(cure)} |\n");
        }

        page.Append("\nThe step of a build has codes of its own, OG01xx ([build-step.md](../build-step.md#messages)). Where the command ends without a code, it takes that of\nthe family: OG1000, OG2000, OG3000, OG4000 or OG5000.\n");
        return page.ToString();
    }
}
