using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Packages.Tests;

[Collection(Packed.Name)]
public sealed class PackageTests(Packed packed)
{
    /// <summary>It carries the command, whose symbols are with the command's own package.</summary>
    private const string BuildStep = "OnnxGrow.MSBuild";

    private static readonly string[] Platforms = ["linux-x64", "osx-arm64", "win-arm64", "win-x64"];

    /// <summary>The packages of this build, by the folders under src.</summary>
    internal static IEnumerable<string> Wanted => Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
        .Where(f => Directory.EnumerateFiles(f, "*.csproj").Any())
        .Select(f => Path.GetFileName(f) switch
        {
            "OnnxGrow.Cli" => "OnnxGrow.Tool",
            "OnnxRuntime" => Build.TakesOnnxRuntimeFromNuGet ? null : "OnnxGrow.OnnxRuntime",
            "OnnxGrow.TorchSharp" => Build.PacksTorchSharp ? "OnnxGrow.TorchSharp" : null,
            var name => name,
        })
        .OfType<string>()
        .Order(StringComparer.Ordinal);

    public static TheoryData<string> Packages => [.. Wanted];

    [Fact]
    public void Packing_the_solution_gives_one_package_for_each_part_and_nothing_else()
    {
        Assert.Equal(Wanted, Ids("nupkg"));
        Assert.DoesNotContain("warning", packed.Log, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("OnnxGrow.Tool", Ids("nupkg"));
        Assert.Contains("OnnxGrow.Training", Ids("snupkg"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_says_what_it_is_and_under_which_licence(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(packed.Package(id));
        XElement about = About(package);
        Assert.Equal(id, Text(about, "id"));
        Assert.Equal(Build.Version, Text(about, "version"));
        Assert.Equal("MIT", Text(about, "license"));
        Assert.Equal("README.md", Text(about, "readme"));
        Assert.NotEmpty(Text(about, "tags"));
        Assert.StartsWith("# " + id, Read(package, "README.md"), StringComparison.Ordinal);
        Assert.Contains("MIT License", Read(package, "LICENSE"), StringComparison.Ordinal);
        string description = Text(about, "description");
        Assert.True(description.Length > 40);
        Assert.DoesNotContain(Wanted.Where(w => w != id), other =>
        {
            using ZipArchive it = ZipFile.OpenRead(packed.Package(other));
            return Text(About(it), "description") == description;
        });
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Libraries_of_one_version_go_together_and_are_documented(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(packed.Package(id));
        IEnumerable<XElement> dependencies = About(package).Descendants().Where(e => e.Name.LocalName == "dependency");
        foreach (XElement own in dependencies.Where(d => Wanted.Contains(d.Attribute("id")!.Value)))
        {
            Assert.Equal($"[{Build.Version}]", own.Attribute("version")!.Value);
        }

        string[] libraries = [.. package.Entries.Select(e => e.FullName).Where(n => n.StartsWith("lib/", StringComparison.Ordinal) && n.EndsWith(".dll", StringComparison.Ordinal))];
        Assert.True(libraries.Length > 0 || id is "OnnxGrow.Tool" or BuildStep);
        Assert.All(libraries.Where(l => !l.EndsWith("/Microsoft.ML.OnnxRuntime.dll", StringComparison.Ordinal)), l => Assert.NotNull(package.GetEntry(Path.ChangeExtension(l, ".xml"))));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Symbols_are_beside_it_and_name_no_folder_of_the_machine(string id)
    {
        string[] own = OwnAssemblies(packed.Package(id));
        Assert.NotEmpty(own);
        if (id == BuildStep)
        {
            Assert.Contains("OnnxGrow.Tool", Ids("snupkg"));
            return;
        }

        using ZipArchive symbols = ZipFile.OpenRead(packed.Package(id, "snupkg"));
        Assert.All(own, assembly => Assert.NotNull(symbols.GetEntry(Path.ChangeExtension(assembly, ".pdb"))));
        if (Build.Configuration == "Release")
        {
            byte[] root = Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(Repository.Root) + Path.DirectorySeparatorChar);
            Assert.All(symbols.Entries.Where(e => e.FullName.EndsWith(".pdb", StringComparison.Ordinal)), e => Assert.Equal(-1, Bytes(e).AsSpan().IndexOf(root)));
        }
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void ONNX_Runtime_comes_for_every_platform_with_its_licence_and_notices(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(packed.Package(id));
        string[] platforms = [.. package.Entries.Where(e => e.FullName.Contains("/native/", StringComparison.Ordinal) || e.FullName.StartsWith("runtimes/", StringComparison.Ordinal))
            .Where(e => e.Length > 1 << 20).Select(e => e.FullName.Split('/')[^3]).Distinct().Order(StringComparer.Ordinal)];
        if (Build.TakesOnnxRuntimeFromNuGet || id is not ("OnnxGrow.OnnxRuntime" or "OnnxGrow.Tool" or BuildStep))
        {
            Assert.True(Build.TakesOnnxRuntimeFromNuGet || platforms.Length == 0);
            return;
        }

        string notices = id == "OnnxGrow.OnnxRuntime" ? "" : "onnxruntime/";
        Assert.Equal(Platforms, platforms);
        Assert.Contains("Copyright (c) Microsoft Corporation", Read(package, notices + "LICENSE"), StringComparison.Ordinal);
        Assert.True(package.GetEntry(notices + "ThirdPartyNotices.txt")!.Length > 100_000);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_names_everything_of_others_that_it_carries(string id)
    {
        using ZipArchive package = ZipFile.OpenRead(packed.Package(id));
        string[] foreign = [.. package.Entries.Where(e => e.FullName.EndsWith(".dll", StringComparison.Ordinal) && !e.FullName.Contains("/native/", StringComparison.Ordinal))
            .Select(e => Path.GetFileNameWithoutExtension(e.Name)).Where(n => !n.StartsWith("OnnxGrow", StringComparison.OrdinalIgnoreCase)).Distinct()];
        Assert.Equal(id is "OnnxGrow.Tool" or BuildStep, foreign.Contains("Google.Protobuf"));
        string[] named = package.GetEntry("THIRD-PARTY-NOTICES.txt") is null ? [] : [Read(package, "THIRD-PARTY-NOTICES.txt")];
        Assert.All(foreign.Where(n => n != "Microsoft.ML.OnnxRuntime"), name => Assert.Contains(name, named.Single(), StringComparison.Ordinal));
    }

    private IEnumerable<string> Ids(string extension) => Directory.EnumerateFiles(packed.Feed, "*." + extension)
        .Select(f => Path.GetFileName(f)[..^(Build.Version.Length + extension.Length + 2)]).Order(StringComparer.Ordinal);

    /// <summary>Paths of the assemblies in a package that were compiled here.</summary>
    private static string[] OwnAssemblies(string package)
    {
        using ZipArchive it = ZipFile.OpenRead(package);
        return [.. it.Entries.Where(e => e.Name.EndsWith(".dll", StringComparison.Ordinal))
            .Where(e => e.Name.StartsWith("OnnxGrow", StringComparison.OrdinalIgnoreCase) || (e.Name == "Microsoft.ML.OnnxRuntime.dll" && !Build.TakesOnnxRuntimeFromNuGet))
            .Select(e => e.FullName)];
    }

    private static XElement About(ZipArchive package)
    {
        using Stream stream = package.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream).Root!.Elements().Single();
    }

    private static string Text(XElement about, string name) => about.Elements().Single(e => e.Name.LocalName == name).Value;

    private static string Read(ZipArchive package, string name) => Encoding.UTF8.GetString(Bytes(package.GetEntry(name)!)).ReplaceLineEndings("\n");

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
