using System.Security.Cryptography;

namespace OnnxGrow.DataTools;

/// <summary>Fashion-MNIST: 60,000 and 10,000 images of clothes in ten classes, 28 x 28, from Debian's package or where it is installed.</summary>
internal static class FashionMnist
{
    private const string Package = "dataset-fashion-mnist";
    private const string Folder = "usr/share/datasets/fashion-mnist";

    private static readonly (string Name, string Sha256)[] Files =
    [
        ("t10k-images-idx3-ubyte.gz", "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"),
        ("t10k-labels-idx1-ubyte.gz", "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"),
        ("train-images-idx3-ubyte.gz", "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"),
        ("train-labels-idx1-ubyte.gz", "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"),
    ];

    public static void Fetch(string folder)
    {
        if (Directory.Exists("/" + Folder))
        {
            Copy("/" + Folder, folder);
            return;
        }

        DirectoryInfo scratch = Directory.CreateTempSubdirectory("onnxgrow-data-");
        try
        {
            Tool.Run(scratch.FullName, "apt-get", "download", Package);
            string archive = Directory.GetFiles(scratch.FullName, "*.deb") is [var one]
                ? one
                : throw new BadInputException($"'apt-get download {Package}' brought no package; run 'apt-get update' first");
            Tool.Run(scratch.FullName, "dpkg-deb", "-x", archive, "unpacked");
            Copy(Path.Combine(scratch.FullName, "unpacked", Folder), folder);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach ((string name, string expected) in Files)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(from, name));
            string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (hash != expected)
            {
                throw new BadInputException($"{name} has the SHA-256 {hash}, and {expected} was expected: it is not the file that this was written for");
            }

            File.WriteAllBytes(Path.Combine(to, name), bytes);
        }

        Console.WriteLine($"{Files.Length} files in {to}");
    }
}
