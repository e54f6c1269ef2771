using System.Globalization;
using Google.Protobuf;
using Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Models whose weights are in files beside them, the descriptions of those files, and the files.</summary>
internal static class ExternalMutator
{
    /// <summary>The file that is outside of the model's folder; none of its bytes may be in what is written.</summary>
    public const string SecretName = "outside.bin";

    /// <summary>What that file holds.</summary>
    public static byte[] Secret { get; } = [.. Enumerable.Range(0, 1 << 16).Select(i => (byte)"DO-NOT-READ-THIS"[i % 16])];

    public static string Value(string key, SplitMix64 r) => key == "location" ? Location(r) : Number(r);

    /// <summary>Moves the initializers of a model to files and damages descriptions and files, a change a generator.</summary>
    public static FolderImage Make(ModelProto model, SplitMix64 draw, IEnumerable<SplitMix64> changes)
    {
        var folder = new FolderImage();
        int files = draw.Int(1, 3);
        var data = new MemoryStream[files];
        for (int i = 0; i < files; i++)
        {
            data[i] = new MemoryStream();
        }

        int next = 0;
        foreach (TensorProto tensor in model.Graph.Initializer.Where(t => !t.RawData.IsEmpty))
        {
            int file = next++ % files;
            Move(tensor, data[file], NameOf(file));
        }

        for (int i = 0; i < files; i++)
        {
            folder.Files[NameOf(i)] = data[i].ToArray();
        }

        foreach (SplitMix64 r in changes)
        {
            Change(model, folder, r);
        }

        folder.Files[FolderImage.ModelName] = model.ToByteArray();
        return folder;
    }

    private static string NameOf(int file) => file == 1 ? "parts/1.bin" : string.Create(CultureInfo.InvariantCulture, $"weights{file}.bin");

    private static void Move(TensorProto tensor, MemoryStream data, string name)
    {
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = name });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = data.Position.ToString(CultureInfo.InvariantCulture) });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = tensor.RawData.Length.ToString(CultureInfo.InvariantCulture) });
        tensor.RawData.WriteTo(data);
        tensor.ClearRawData();
    }

    private static void Change(ModelProto model, FolderImage folder, SplitMix64 r)
    {
        TensorProto tensor = model.Graph.Initializer[r.Int(0, model.Graph.Initializer.Count - 1)];
        string file = folder.Files.Keys.Order(StringComparer.Ordinal).ElementAt(r.Int(0, folder.Files.Count - 1));
        StringStringEntryProto? entry = tensor.ExternalData.Count == 0 ? null : tensor.ExternalData[r.Int(0, tensor.ExternalData.Count - 1)];
        switch (r.Int(0, 9))
        {
            case 0 or 1 or 2 when entry is not null:
                entry.Value = Value(entry.Key, r);
                break;
            case 3 when entry is not null:
                entry.Key = r.Pick("location", "offset", "length", "checksum", "basepath", "", "Location", Hostile.Name(r));
                break;
            case 4:
                tensor.ExternalData.Add(new StringStringEntryProto { Key = r.Pick("location", "offset", "length", "checksum"), Value = Number(r) });
                break;
            case 5 when entry is not null:
                tensor.ExternalData.Remove(entry);
                break;
            case 6:
                folder.Files[file] = r.Coin() ? Hostile.Damage(folder.Files[file], r) : [];
                break;
            case 7:
                folder.Files.Remove(file);
                folder.Links[file] = r.Pick("../" + SecretName, "..", ".", file, "weights0.bin", "weights2.bin", "parts", "/dev/null", "/dev/zero", "/proc/self/mem", "nowhere", "parts/../../" + SecretName);
                break;
            case 8:
                folder.Folders.Add(file);
                folder.Files.Remove(file);
                break;
            default:
                TensorMutations.Change(tensor, r);
                break;
        }

        if (folder.Files.Count == 0)
        {
            folder.Files["empty.bin"] = [];
        }
    }

    private static string Location(SplitMix64 r) => r.Int(0, 15) switch
    {
        0 => "../" + SecretName,
        1 => "parts/../../" + SecretName,
        2 => "..\\" + SecretName,
        3 => "/etc/passwd",
        4 => "parts",
        5 => ".",
        6 => "./weights0.bin",
        7 => "weights0.bin/",
        8 => "weights0.bin\0.png",
        9 => "C:\\windows\\win.ini",
        10 => "\\\\server\\share\\x",
        11 => FolderImage.ModelName,
        12 => "parts/./1.bin",
        13 => string.Concat(Enumerable.Repeat("parts/../", 200)) + "weights0.bin",
        14 => r.Pick("NUL", "con.txt", "weights0.bin ", "weights0.bin.", "weights0.bin:stream", "file:///etc/passwd", "/dev/zero", "/proc/self/environ", "...", "....//x", "parts//1.bin", "~/x", "$HOME/x", "%2e%2e/x", "WEIGHTS0.BIN"),
        _ => Hostile.Name(r),
    };

    private static string Number(SplitMix64 r) => r.Int(0, 4) switch
    {
        0 => r.Pick("", " ", "+1", "-0", "0x10", "1e3", "1.0", "00000000000000000000004", "9223372036854775808", "18446744073709551615", "1_000", "1,000", "\u0661", "NaN", "4 ", " 4", "4\n"),
        1 => new string('9', r.Pick(19, 20, 400, 100_000)),
        _ => Hostile.Number(r).ToString(CultureInfo.InvariantCulture),
    };
}
