using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Packages.Tests;

/// <summary>The packages as somebody else uses them: installed from a feed, in a folder where nothing else is.</summary>
[Collection(Packed.Name)]
public sealed class InstalledTests(Packed packed)
{
    [Fact]
    public void The_command_installs_from_a_feed_and_grows_a_model()
    {
        string folder = packed.NewFolder("command");
        Programs.Dotnet(folder, ["tool", "install", "OnnxGrow.Tool", "--tool-path", "bin", "--version", Build.Version], packed.Unpacked).Well();
        string command = Path.Combine(folder, "bin", OperatingSystem.IsWindows() ? "onnxgrow.exe" : "onnxgrow");

        Assert.Equal(Build.Version, Programs.Run(folder, command, ["--version"]).Well().Trim());
        Assert.Contains("grow MODEL", Programs.Run(folder, command, ["--help"]).Well(), StringComparison.OrdinalIgnoreCase);

        string source = Repository.Model("bert-mini-op17.onnx");
        string grown = Programs.Run(folder, command, ["grow", source, "--hidden", "96", "--layers", "6", "-o", "grown.onnx"]).Well();
        Assert.Contains("equivalent", grown, StringComparison.Ordinal);
        Assert.True(new FileInfo(Path.Combine(folder, "grown.onnx")).Length > new FileInfo(source).Length);
        Assert.Contains("equivalent", Programs.Run(folder, command, ["verify", source, "grown.onnx"], libraries: OtherLibraries(folder)).Well(), StringComparison.Ordinal);
    }

    /// <summary>A folder with a library of the same name as ONNX Runtime's that is not it, as a system may have one of another version.</summary>
    private static string OtherLibraries(string folder)
    {
        string place = Directory.CreateDirectory(Path.Combine(folder, "system")).FullName;
        string[] other = Directory.GetFiles(Path.Combine(folder, "bin"), "libonnxruntime_providers_shared.so", SearchOption.AllDirectories);
        Assert.NotEmpty(other);
        File.Copy(other[0], Path.Combine(place, "libonnxruntime.so"));
        return place;
    }

    [Fact]
    public void A_program_that_references_the_library_compiles_and_grows_a_model()
    {
        string folder = packed.NewFolder("library");
        File.Copy(LibrarySampleTests.Source, Path.Combine(folder, "Program.cs"));
        File.WriteAllText(Path.Combine(folder, "user.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="OnnxGrow.Runtime" Version="{Build.Version}" />
              </ItemGroup>
            </Project>
            """);
        Programs.Dotnet(folder, ["build", "-c", "Release", "-o", "out"], packed.Unpacked).Well();
        Assert.True(Directory.Exists(Path.Combine(packed.Unpacked, "onnxgrow.runtime", Build.Version)));

        string said = Programs.Dotnet(folder, [Path.Combine("out", "user.dll"), Repository.Model("bert-mini-op17.onnx"), "grown.onnx"]).Well();
        Assert.StartsWith("grown.onnx: equivalent", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "grown.onnx")));
    }
}
