using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxGrow.Growth;
using OnnxGrow.Runtime.Reports.Checks;

namespace OnnxGrow.Reports.Checks;

/// <summary>
/// A run as SARIF 2.1.0: one result for each check that failed, at the file of the grown model; none where all hold. A command
/// that could not do its work is a notification of the invocation.
/// </summary>
public static class SarifReport
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file's text.</summary>
    /// <param name="run">The run.</param>
    /// <param name="root">The folder that paths are given relative to, as the root of the checkout; those outside it are absolute.</param>
    public static string Of(CheckRun run, string root)
    {
        ReportCheck[] failed = [.. run.Checks.Where(c => c.Outcome == CheckOutcome.Failed)];
        if (failed.Length == 0 && !run.IsError && run.Verdict.Outcome == CheckOutcome.Failed)
        {
            // No single check has failed, and still the models are not proved equivalent.
            failed = [run.Verdict];
        }

        var sarif = new JsonObject
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(new JsonObject
            {
                ["tool"] = new JsonObject { ["driver"] = Driver() },
                ["invocations"] = new JsonArray(Invocation(run)),
                ["results"] = new JsonArray([.. failed.Select(c => Result(run, c, root))]),
                ["columnKind"] = "utf16CodeUnits",
                ["properties"] = new JsonObject { ["verdict"] = run.Word, ["source"] = run.Source, ["grown"] = run.Grown },
            }),
        };
        
        // Escapes for a terminal are JSON's own, so that it is the same JSON.
        return Text.Shown(sarif.ToJsonString(Options)) + "\n";
    }

    private static JsonObject Driver() => new()
    {
        ["name"] = "OnnxGrow",
        ["version"] = Grower.Version,
        ["rules"] = new JsonArray([.. CheckRule.All.Select(rule => new JsonObject
        {
            ["id"] = rule.Id,
            ["shortDescription"] = new JsonObject { ["text"] = rule.Title },
            ["fullDescription"] = new JsonObject { ["text"] = rule.Description },
            ["help"] = new JsonObject { ["text"] = rule.Help },
            ["defaultConfiguration"] = new JsonObject { ["level"] = "error" },
        })]),
    };

    private static JsonObject Invocation(CheckRun run)
    {
        var invocation = new JsonObject
        {
            ["executionSuccessful"] = run.ExitCode is ExitCode.Success or ExitCode.NotEquivalent,
            ["exitCode"] = (int)run.ExitCode,
            ["exitCodeDescription"] = run.ExitCode.ToString(),
        };
        if (run.IsError)
        {
            invocation["toolExecutionNotifications"] = new JsonArray(new JsonObject
            {
                ["level"] = "error",
                ["message"] = Message(run.Summary),
            });
        }

        return invocation;
    }

    private static JsonObject Result(CheckRun run, ReportCheck check, string root)
    {
        var location = new JsonObject
        {
            ["physicalLocation"] = new JsonObject
            {
                ["artifactLocation"] = new JsonObject { ["uri"] = Uri(run.Grown, root) },

                // A model has no lines; code scanning does not show a result that has none.
                ["region"] = new JsonObject { ["startLine"] = 1 },
            },
        };
        if (check.Subject is { } subject)
        {
            location["logicalLocations"] = new JsonArray(new JsonObject { ["name"] = Text.Name(subject), ["kind"] = "variable" });
        }

        return new JsonObject
        {
            ["ruleId"] = check.Rule.Id,
            ["ruleIndex"] = CheckRule.All.ToList().IndexOf(check.Rule),
            ["level"] = "error",
            ["message"] = Message($"{check.Name}: {check.Message}"),
            ["locations"] = new JsonArray(location),
            ["partialFingerprints"] = new JsonObject { ["onnxgrow/1"] = Fingerprint(run, check) },
        };
    }

    /// <summary>The same for the same rule, model and tensor, whatever the figures are.</summary>
    private static string Fingerprint(CheckRun run, ReportCheck check)
    {
        string about = check.Subject ?? (check.Rule == CheckRule.Interface ? check.Message : "");
        byte[] bytes = Encoding.UTF8.GetBytes($"{check.Rule.Id}\n{Path.GetFileName(run.Grown)}\n{about}");
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>Brackets before a parenthesis would be read as a link, whose target a file's names would choose.</summary>
    private static JsonObject Message(string text)
    {
        string shown = Text.Shown(text);
        return new JsonObject
        {
            ["text"] = shown.Contains("](", StringComparison.Ordinal)
                ? shown.Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal)
                : shown,
        };
    }

    private static string Uri(string path, string root)
    {
        string full = Path.GetFullPath(path, root);
        string relative = Path.GetRelativePath(root, full);
        return Path.IsPathRooted(relative) || relative == ".." || relative.StartsWith(".." + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? "file://" + (OperatingSystem.IsWindows() ? "/" : "") + Escaped(full)
            : Escaped(relative);
    }

    private static string Escaped(string path) => string.Join('/', path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar)
        .Select((part, i) => i == 0 && part.EndsWith(':') ? part : System.Uri.EscapeDataString(part)));
}
