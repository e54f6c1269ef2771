using System.Globalization;
using System.Text;
using System.Xml;
using OnnxGrow.Runtime.Reports.Checks;

namespace OnnxGrow.Reports.Checks;

/// <summary>
/// A run as JUnit XML, as Jenkins, GitLab, Azure Pipelines and others read it: a test case for each check, and one for the
/// verdict. What differs is a failure, what could not be found out an error, what was not run is skipped.
/// </summary>
public static class JUnitReport
{
    /// <summary>The file's text. Well-formed whatever names the models have: characters that XML lacks are escaped as \uXXXX.</summary>
    public static string Of(CheckRun run)
    {
        ReportCheck[] checks = [.. run.Checks, run.Verdict];
        string suite = $"onnxgrow {run.Command} {Path.GetFileName(run.Source)} {Path.GetFileName(run.Grown)}";
        using var text = new Utf8Writer();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, IndentChars = "  ", NewLineChars = "\n", NewLineHandling = NewLineHandling.None }))
        {
            xml.WriteStartDocument();
            xml.WriteStartElement("testsuites");
            Attribute(xml, "name", "onnxgrow");
            Counts(xml, run, checks);
            xml.WriteStartElement("testsuite");
            Attribute(xml, "name", suite);
            Counts(xml, run, checks);
            Properties(xml, run);
            foreach (ReportCheck check in checks)
            {
                Case(xml, run, check);
            }

            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndDocument();
        }

        return text + "\n";
    }

    private static void Counts(XmlWriter xml, CheckRun run, ReportCheck[] checks)
    {
        Attribute(xml, "tests", Number(checks.Length));
        Attribute(xml, "failures", Number(checks.Count(c => c.Outcome == CheckOutcome.Failed && !IsError(run, c))));
        Attribute(xml, "errors", Number(checks.Count(c => IsError(run, c))));
        Attribute(xml, "skipped", Number(checks.Count(c => c.Outcome == CheckOutcome.NotRun)));
        Attribute(xml, "time", Seconds(run));
    }

    private static void Properties(XmlWriter xml, CheckRun run)
    {
        xml.WriteStartElement("properties");
        Property(xml, "source", run.Source);
        Property(xml, "grown", run.Grown);
        Property(xml, "verdict", run.Word);
        Property(xml, "exit_code", Number((int)run.ExitCode));
        if (run.Report is { } report)
        {
            Property(xml, "seed", report.Seed.ToString(CultureInfo.InvariantCulture));
            Property(xml, "runtime", report.Runtime ?? "");
        }

        xml.WriteEndElement();
    }

    private static void Property(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        Attribute(xml, "name", name);
        Attribute(xml, "value", value);
        xml.WriteEndElement();
    }

    private static void Case(XmlWriter xml, CheckRun run, ReportCheck check)
    {
        xml.WriteStartElement("testcase");

        // A dot would be read as the end of a package's name.
        Attribute(xml, "classname", $"onnxgrow.{run.Command}.{Path.GetFileName(run.Grown).Replace('.', '_')}");
        Attribute(xml, "name", check.Name);
        if (check.Rule == CheckRule.Verdict)
        {
            Attribute(xml, "time", Seconds(run));
        }

        switch (check.Outcome)
        {
            case CheckOutcome.Failed:
                xml.WriteStartElement(IsError(run, check) ? "error" : "failure");
                Attribute(xml, "message", check.Message);
                Attribute(xml, "type", check.Rule.Id);
                xml.WriteString(Clean(Body(run, check)));
                xml.WriteEndElement();
                break;
            case CheckOutcome.NotRun:
                xml.WriteStartElement("skipped");
                Attribute(xml, "message", check.Message);
                xml.WriteEndElement();
                break;
        }

        xml.WriteEndElement();
    }

    private static bool IsError(CheckRun run, ReportCheck check) =>
        check.Outcome == CheckOutcome.Failed && check.Rule == CheckRule.Verdict && run.ExitCode is not (ExitCode.NotEquivalent or ExitCode.Success);

    private static string Body(CheckRun run, ReportCheck check)
    {
        var text = new StringBuilder();
        text.Append(check.Message).Append('\n');
        if (run.IsError)
        {
            return text.ToString();
        }

        if (check.Rule == CheckRule.Verdict && run.Report is { } report)
        {
            foreach (string line in ReportChecks.FirstDifference(report))
            {
                text.Append(line).Append('\n');
            }
        }

        text.Append(check.Rule.Help).Append('\n');
        if (run.ByHand is { } command)
        {
            text.Append("By hand: ").Append(command).Append('\n');
        }

        return text.ToString();
    }

    private static string Seconds(CheckRun run) => run.Seconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, Clean(value).ReplaceLineEndings(" "));

    /// <summary>Text without what XML 1.0 lacks, or what breaks lines or turns text around in a terminal.</summary>
    private static string Clean(string text)
    {
        string shown = Text.Shown(text);
        if (shown.All(XmlConvert.IsXmlChar))
        {
            return shown;
        }

        return string.Concat(shown.Select(c => XmlConvert.IsXmlChar(c) ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")));
    }

    /// <summary>A string whose XML declaration says UTF-8, which is what the file is written in.</summary>
    private sealed class Utf8Writer() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
