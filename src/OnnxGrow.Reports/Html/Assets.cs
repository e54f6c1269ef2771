namespace OnnxGrow.Reports.Html;

/// <summary>Files that are part of this assembly.</summary>
internal static class Assets
{
    /// <summary>The text of one; lines end as in every page.</summary>
    public static string Text(string name)
    {
        using Stream stream = typeof(Assets).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the resource '{name}' is missing");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
