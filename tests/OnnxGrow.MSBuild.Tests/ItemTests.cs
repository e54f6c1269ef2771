using System.Security;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.MSBuild.Tests;

/// <summary>Items of all kinds, in a project that has nothing but the step.</summary>
public sealed class ItemTests : IDisposable
{
    private static readonly string Step = Path.Combine(Repository.Root, "src", "OnnxGrow.MSBuild", "buildTransitive", "OnnxGrow.MSBuild");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_metadata_can_be_written_in_a_project()
    {
        string all = string.Concat(GrowMetadata.All.Where(m => m.Kind is not (MetadataKind.Switch or MetadataKind.SwitchOff)).Select(m => $"{m.Name}=\"{(m.Name == "CopyToOutputDirectory" ? "never" : "1" + m.Name)}\" "))
            + string.Concat(GrowMetadata.All.Where(m => m.Kind is MetadataKind.Switch or MetadataKind.SwitchOff).Select(m => $"{m.Name}=\"False\" "));
        Project($"""<OnnxGrowModel Include="small.onnx" {all} Visible="false"><_Mine>1</_Mine></OnnxGrowModel>""");
        Build("-t:OnnxGrowPrepare").Succeeded();
        string[] stamp = File.ReadAllLines(Directory.EnumerateFiles(_folder.File("obj/onnxgrow"), "*.stamp").Single());
        foreach (GrowMetadata metadata in GrowMetadata.All.Where(m => m.Option is not null && m.Kind != MetadataKind.Switch))
        {
            Assert.Single(stamp, line => line == metadata.Option || line.StartsWith(metadata.Option + "=", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("""Hiden="96" """, "OG0101", "'Hiden'", "'Hidden'")]
    [InlineData("""kvhead="3" """, "OG0101", "'kvhead'", "'KvHeads'")]
    [InlineData("""External="yes" """, "OG0102", "External=\"yes\"", "true or false")]
    [InlineData("""CopyToOutputDirectory="true" """, "OG0102", "CopyToOutputDirectory=\"true\"", "PreserveNewest")]
    [InlineData("""OutputFile="small.onnx" """, "OG0103", "it reads itself", "OutputFile")]
    [InlineData("""Plan="p.yaml" Report="p.yaml" """, "OG0103", "it reads itself", "Report")]
    [InlineData("""OutputFile="large.onnx" Report="Large.onnx" """, "OG0103", "would write", "a file of its own")]
    [InlineData("""OutputFile="other.onnx" """, "OG0105", "was not grown by OnnxGrow", "other.onnx")]
    public void What_cannot_be_meant_is_an_error_at_the_project(string metadata, params string[] says)
    {
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _folder.File("small.onnx"));
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _folder.File("other.onnx"));
        Project($"""<OnnxGrowModel Include="small.onnx" {metadata} />""");
        Build("-t:OnnxGrowModels").FailedWith(["test.proj : error " + says[0] + ": OnnxGrowModel 'small.onnx': ", .. says[1..]]);
        Assert.False(Directory.Exists(_folder.File("obj")));
        Assert.Equal(File.ReadAllBytes(Repository.Model("gpt2-mini-op17.onnx")), File.ReadAllBytes(_folder.File("other.onnx")));
    }

    [Fact]
    public void Two_items_for_one_file_are_an_error_that_names_both()
    {
        Project("""<OnnxGrowModel Include="a/small.onnx" Hidden="96" /><OnnxGrowModel Include="b/small.onnx" Hidden="144" />""");
        Build("-t:OnnxGrowModels").FailedWith("test.proj : error OG0103: OnnxGrowModel 'b/small.onnx': both it and 'a/small.onnx' would write", "OutputFile=");
    }

    [Fact]
    public void A_tool_that_is_not_there_is_named()
    {
        Project("""<OnnxGrowModel Include="small.onnx" />""");
        Build("-t:OnnxGrowModels", "-p:OnnxGrowToolPath=/nowhere/onnxgrow.dll").FailedWith("error OG0104", "/nowhere/onnxgrow.dll", "OnnxGrowToolPath");
    }

    [Fact]
    public void Names_that_mean_something_to_shells_and_to_MSBuild_reach_the_command_as_they_are()
    {
        string name = OperatingSystem.IsWindows() ? "-mö del's (1) %41 @x $y.onnx" : "-mö \"del's\" (1);%41 @x $y.onnx";
        string data = name + ".data";
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _folder.File(name));
        string include = SecurityElement.Escape(name.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3b", StringComparison.Ordinal));
        Project($"""<OnnxGrowModel Include="{include}" Hidden="96" External="true" Proof="certificate" CopyToOutputDirectory="PreserveNewest" />""");
        Built first = Build("-t:OnnxGrowModels;Show").Succeeded();
        string grown = _folder.File("obj/onnxgrow/" + name);
        Assert.Contains($"{name} -> {grown} (equivalent", first.Text, StringComparison.Ordinal);
        Assert.True(File.Exists(grown));
        Assert.Contains($"copy {_folder.File("obj/onnxgrow/" + data)} as {data}", first.Text, StringComparison.Ordinal);
        Assert.Equal([_folder.File("obj/onnxgrow/" + data)], ModelFile.Read(grown).DataFiles);
        Assert.Contains("Skipping target \"OnnxGrowRun\"", Build("-t:OnnxGrowModels", "-v:d").Succeeded().Text, StringComparison.Ordinal);

        File.Delete(_folder.File("obj/onnxgrow/" + data));
        Assert.DoesNotContain("Skipping target \"OnnxGrowRun\"", Build("-t:OnnxGrowModels", "-v:d").Succeeded().Text, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("obj/onnxgrow/" + data)));

        File.Move(grown, _folder.File("source.onnx"));
        Project("""<OnnxGrowModel Include="source.onnx" Init="source.onnx" AdditionalInputs="a.txt;b.txt" />""");
        string stamp = _folder.File("obj/onnxgrow/source.onnx.");
        string inputs = string.Join(';', new[] { "source.onnx", data, "source.onnx", data, "a.txt", "b.txt" }.Select(_folder.File)) + ";" + stamp;
        Assert.Contains("reads " + inputs, Build("-t:OnnxGrowPrepare;Show").Succeeded().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Builds_at_the_same_time_may_write_the_same_file()
    {
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _folder.File("small.onnx"));
        Project("""<OnnxGrowModel Include="small.onnx" Hidden="96" Proof="certificate" OutputFile="large.onnx" />""");
        File.WriteAllText(_folder.File("both.proj"), """
            <Project>
              <Target Name="Both">
                <ItemGroup><Each Include="test.proj" AdditionalProperties="Flavour=a" /><Each Include="./test.proj" AdditionalProperties="Flavour=b" /></ItemGroup>
                <MSBuild Projects="@(Each)" Targets="OnnxGrowModels" BuildInParallel="true" />
              </Target>
            </Project>
            """);
        string[] arguments = ["msbuild", "both.proj", "-m:2", "-v:d", .. Built.FromSource];
        Assert.Contains("(equivalent", Built.Run(_folder.Path, arguments).Succeeded().Text, StringComparison.Ordinal);
        Assert.Equal(["large.onnx"], Directory.EnumerateFileSystemEntries(_folder.Path, "*large*").Select(Path.GetFileName));
        Assert.DoesNotContain("Task \"GrowOnnxModel\"", Built.Run(_folder.Path, arguments).Succeeded().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lossy_growth_warns_and_what_it_wrote_elsewhere_is_cleaned()
    {
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _folder.File("small.onnx"));
        Project("""<OnnxGrowModel Include="small.onnx" Layers="4" Method="stack" OutputFile="out/large.onnx" Report="out/page.html" />""");
        Built built = Build("-t:OnnxGrowModels").Succeeded();
        Assert.Contains("small.onnx : warning OG0152: lossy by design (stack)", built.Text, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("out/large.onnx")));
        Assert.True(File.Exists(_folder.File("out/page.html")));
        Build("-t:OnnxGrowClean").Succeeded();
        Assert.Empty(Directory.EnumerateFiles(_folder.File("out")));
        Assert.False(Directory.Exists(_folder.File("obj/onnxgrow")));
    }

    [Fact]
    public void Part_of_a_model_that_can_never_learn_is_an_error_where_that_is_checked()
    {
        File.Copy(Repository.Model("gpt2-mini-op17.onnx"), _folder.File("small.onnx"));
        Project("""<OnnxGrowModel Include="small.onnx" Hidden="96" Method="net2net" Proof="certificate" CheckTrainable="true" />""");
        Build("-t:OnnxGrowModels").FailedWith("small.onnx : error OG1", "never");
        Assert.False(File.Exists(_folder.File("obj/onnxgrow/small.onnx")));
    }

    private void Project(string items) => File.WriteAllText(_folder.File("test.proj"), $"""
        <Project>
          <PropertyGroup><IntermediateOutputPath>obj/$(Flavour)</IntermediateOutputPath></PropertyGroup>
          <Import Project="{Step}.props" />
          <ItemGroup>{items}</ItemGroup>
          <Import Project="{Step}.targets" />
          <Target Name="CoreClean" />
          <Target Name="Show"><Message Importance="high" Text="copy %(None.Identity) as %(None.Link)" /><Message Importance="high" Text="reads %(_OnnxGrowJob.Inputs)" /></Target>
        </Project>
        """);

    private Built Build(params string[] more) => Built.Run(_folder.Path, ["msbuild", "test.proj", .. Built.FromSource, .. more]);
}
