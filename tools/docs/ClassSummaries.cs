using System.Text;
using System.Xml.Linq;

namespace OnnxGrow.Docs;

/// <summary>What the comments of classes say, from the file that the compiler writes beside an assembly.</summary>
/// <param name="assembly">The assembly's name.</param>
internal sealed class ClassSummaries(string assembly)
{
    private readonly Dictionary<string, XElement> _summaries = XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly + ".xml"))
        .Descendants("member")
        .Where(m => m.Element("summary") is not null)
        .ToDictionary(m => (string)m.Attribute("name")!, m => m.Element("summary")!, StringComparer.Ordinal);

    /// <summary>The summary of a class in one line of Markdown; empty where it has none.</summary>
    public string Of(Type type) => _summaries.TryGetValue("T:" + type.FullName, out XElement? summary) ? Markdown.Cell(Text(summary)) : "";

    private static string Text(XElement element)
    {
        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            text.Append(node switch
            {
                XElement { Name.LocalName: "c" } code => "`" + code.Value + "`",
                XElement reference when (reference.Attribute("cref") ?? reference.Attribute("name")) is { } to => "`" + to.Value[(to.Value.LastIndexOfAny(['.', ':']) + 1)..] + "`",
                XElement other => Text(other),
                XText words => words.Value,
                _ => "",
            });
        }

        return text.ToString();
    }
}
