using System.Text.RegularExpressions;

namespace OnnxGrow.Onnx;

/// <summary>
/// Data files that nothing needs once a model is replaced: the old one has named them, they have the names that this compiler
/// gives, and neither the new model, nor another one in the folder, nor anything that is open, uses them. Where that cannot
/// be told, they stay.
/// </summary>
internal static partial class StaleData
{
    // Reading the graphs of more models takes too long for what it is good for.
    private const int MostModels = 100;

    /// <summary>The names of such files.</summary>
    /// <param name="target">The model that is about to be replaced.</param>
    /// <param name="kept">Names that the new one uses.</param>
    /// <param name="inUse">Paths of files that are open.</param>
    public static string[] Of(string target, IReadOnlyCollection<string> kept, IReadOnlyList<string> inUse)
    {
        if (!File.Exists(target) || References(target) is not { Count: > 0 } old)
        {
            return [];
        }

        string folder = Path.GetDirectoryName(target)!;
        string[] found =
        [
            .. old.Where(name => IsOurs(name, Path.GetFileName(target))
                && !kept.Contains(name, StringComparer.OrdinalIgnoreCase)
                && IsFile(Path.Combine(folder, name))
                && !inUse.Any(file => FileFacts.IsSame(Path.Combine(folder, name), file))).Order(StringComparer.Ordinal),
        ];
        return found.Length == 0 ? [] : Unused(folder, found, except: target);
    }

    /// <summary>Removes files of these names that no model in a folder uses; false where one of them cannot be removed.</summary>
    public static bool Remove(string folder, string[] names)
    {
        bool done = true;
        foreach (string name in Unused(folder, [.. names.Where(name => name == Path.GetFileName(name) && IsFile(Path.Combine(folder, name)))], except: null))
        {
            try
            {
                WriteStep.Reach("delete data");
                File.Delete(Path.Combine(folder, name));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The new model stands; a file too many harms nobody, and the next run may remove it.
                done = false;
            }
        }

        return done;
    }

    private static string[] Unused(string folder, string[] names, string? except)
    {
        if (names.Length == 0)
        {
            return [];
        }

        try
        {
            string[] models = [.. Directory.EnumerateFiles(folder).Where(f => f != except && Path.GetExtension(f).Equals(".onnx", StringComparison.OrdinalIgnoreCase)).Take(MostModels + 1)];
            if (models.Length > MostModels)
            {
                return [];
            }

            var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (string model in models)
            {
                if (References(model) is not { } references)
                {
                    return [];
                }

                used.UnionWith(references);
            }

            return [.. names.Where(name => !used.Contains(name))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The data files in its own folder that a model names; null where it cannot be read.</summary>
    private static HashSet<string>? References(string path)
    {
        try
        {
            using OnnxModel model = OnnxModel.Open(path, ReadLimits.Default with { CheckData = false });
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            ProtoTensors.Visit(model.Proto, (tensor, _) =>
            {
                if (TensorSource.IsExternal(tensor) && tensor.ExternalData.FirstOrDefault(e => e.Key == "location")?.Value is { } location)
                {
                    names.Add(string.Join('/', ExternalPath.Parts(location).Where(part => part is not ("" or "."))));
                }
            });
            return names;
        }
        catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsOurs(string name, string model)
    {
        string whole = Shard().Replace(name, "");
        return whole == model + ".data" || whole == Path.ChangeExtension(model, ".safetensors");
    }

    private static bool IsFile(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null };

    [GeneratedRegex("-[0-9]{5,}-of-[0-9]{5,}(?=[.][a-z]+$)", RegexOptions.CultureInvariant)]
    private static partial Regex Shard();
}
