using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Analysis.Preparation;
using OnnxGrow.Runtime.Witness.Lowering;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Docs;

/// <summary>The operators that are known, from the classes that know them.</summary>
internal static partial class OperatorsPage
{
    /// <summary>Operators that are dealt with elsewhere than by a class of their own, and where.</summary>
    private static readonly Dictionary<string, Type> Elsewhere = new()
    {
        ["LayerNormalization"] = typeof(FusedNorm),
        ["RMSNormalization"] = typeof(FusedNorm),
        ["SimplifiedLayerNormalization"] = typeof(FusedNorm),
        ["com.microsoft.EmbedLayerNormalization"] = typeof(EmbeddingNorm),
        ["com.microsoft.SkipLayerNormalization"] = typeof(ResidualNorms),
        ["com.microsoft.SkipSimplifiedLayerNormalization"] = typeof(ResidualNorms),
        ["If"] = typeof(Branches),
        ["Loop"] = typeof(Loops),
        ["Scan"] = typeof(Loops),
    };

    /// <summary>The page.</summary>
    public static string Text()
    {
        var summaries = new ClassSummaries(typeof(Operator).Assembly.GetName().Name!);
        SortedDictionary<string, Type> flows = Flows();
        HashSet<string> gradients = [.. GradientTable.Operators];
        HashSet<string> lowered = [.. LoweringTable.Operators];
        HashSet<string> torch = [.. TorchOperators()];
        string[] names = [.. flows.Keys.Concat(gradients).Concat(lowered).Concat(torch).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var page = new StringBuilder("# Operators\n\n" + Markdown.Written);
        page.Append("""
            An operator that is not here, or has nothing in the second column, stops only a growth that would pass through it, and is named
            then. A model's own functions are unfolded, and norms that are written as several operators are found as such.

            - *axes*: what the analysis lets flow through it, in the words of the class that does it; [concepts.md](../concepts.md) has the
              words. "Copies", "zeros" and "means" are what new entries may hold.
            - *gradient*: `yes` where `train` can go back through it, `zero` where its derivative is zero wherever there is one. Where there is
              nothing and the operator is lowered, `train` goes back through what it is lowered to, as far as that has gradients.
            - *float64*: `lowered` where the witness runs it as operators that ONNX Runtime has in float64; else it runs as it is.
            - *TorchSharp*: whether the second engine has it.


            """.ReplaceLineEndings("\n"));
        page.Append(CultureInfo.InvariantCulture, $"{flows.Count + Elsewhere.Count} operators are followed by the analysis, {gradients.Count} have a gradient, {lowered.Count} are lowered, {torch.Count} are in TorchSharp.\n\n");
        page.Append("| operator | axes | gradient | float64 | TorchSharp |\n|---|---|---|---|---|\n");
        foreach (string name in names)
        {
            string axes = flows.TryGetValue(name, out Type? type) || Elsewhere.TryGetValue(name, out type) ? summaries.Of(type) : "";
            string gradient = gradients.Contains(name) ? "yes" : FlatOperators.Names.Contains(name) ? "zero" : "";
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {axes} | {gradient} | {(lowered.Contains(name) ? "lowered" : "")} | {(torch.Contains(name) ? "yes" : "")} |\n");
        }

        return page.ToString();
    }

    /// <summary>The class that lets axes flow through each operator, by the operator's name.</summary>
    public static SortedDictionary<string, Type> Flows()
    {
        var flows = new SortedDictionary<string, Type>(StringComparer.Ordinal);
        foreach (Type type in typeof(Operator).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(Operator))))
        {
            foreach (OperatorAttribute name in type.GetCustomAttributes<OperatorAttribute>())
            {
                flows.Add(OperatorNames.Of(name.Domain, name.OpType), type);
            }
        }

        return flows;
    }

    /// <summary>Read from the sources: that project is compiled only in builds that have TorchSharp.</summary>
    private static IEnumerable<string> TorchOperators() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "OnnxGrow.TorchSharp", "Operators"), "*.cs")
            .SelectMany(file => TorchAttribute().Matches(File.ReadAllText(file)))
            .Select(m => OperatorNames.Of(m.Groups[2].Value switch { "" => "", "Domains.Microsoft" => "com.microsoft", var text => text.Trim('"') }, m.Groups[1].Value));

    [GeneratedRegex("""^\[TorchOperator\("(\w+)"(?:, Domain = ([^)]+))?\)\]""", RegexOptions.Multiline)]
    private static partial Regex TorchAttribute();
}
