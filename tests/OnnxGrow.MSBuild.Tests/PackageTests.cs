using System.IO.Compression;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>The package, packed from what is built, and the sample built with it from a folder.</summary>
public sealed class PackageTests
{
    [Fact]
    public void It_has_all_that_a_build_needs_and_the_sample_builds_with_it()
    {
        using var folder = new TemporaryFolder();
        string feed = folder.File("feed");
        Built.Run(Repository.Root, ["pack", Path.Combine("src", "OnnxGrow.MSBuild"), .. Built.SameConfiguration, "--no-build", "-o", feed, "-p:PackageVersion=0.0.1-test"]).Succeeded();
        string package = Path.Combine(feed, "OnnxGrow.MSBuild.0.0.1-test.nupkg");
        using (ZipArchive zip = ZipFile.OpenRead(package))
        {
            string[] names = [.. zip.Entries.Select(e => e.FullName)];
            foreach (string name in (string[])["README.md", "onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt",
                "buildTransitive/OnnxGrow.MSBuild.props", "buildTransitive/OnnxGrow.MSBuild.targets",
                "tasks/net10.0/OnnxGrow.MSBuild.dll", "tools/onnxgrow/onnxgrow.dll", "tools/onnxgrow/onnxgrow.deps.json", "tools/onnxgrow/onnxgrow.runtimeconfig.json"])
            {
                Assert.Contains(name, names);
            }

            Assert.Contains(names, n => n.StartsWith("tools/onnxgrow/runtimes/", StringComparison.Ordinal));
            Assert.DoesNotContain(names, n => n.StartsWith("lib/", StringComparison.Ordinal) || n.EndsWith(".pdb", StringComparison.Ordinal));
            using var reader = new StreamReader(zip.GetEntry("OnnxGrow.MSBuild.nuspec")!.Open());
            string nuspec = reader.ReadToEnd();
            Assert.Contains("<developmentDependency>true</developmentDependency>", nuspec, StringComparison.Ordinal);
            Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
            Assert.DoesNotContain("<dependency ", nuspec, StringComparison.Ordinal);
        }

        string project = Directory.CreateDirectory(folder.File("sample")).FullName;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tools", "samples", "build-step")))
        {
            File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="here" value="{feed}" /></packageSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);
        Built built = Built.Run(project, ["build", "-p:UseOnnxGrowPackage=true", "-p:OnnxGrowVersion=0.0.1-test", "-p:RestorePackagesPath=" + folder.File("packages"),
            "-p:SmallModel=" + Repository.Model("gpt2-mini-op17.onnx"), "-p:UseSharedCompilation=false"]).Succeeded();
        Assert.Contains("equivalent (class B1, exact weights)", built.Text, StringComparison.Ordinal);
        Assert.True(ModelFile.Read(Path.Combine(project, "bin", "Debug", "net10.0", "gpt2-mini-op17.onnx")).IsGrown);
    }
}
