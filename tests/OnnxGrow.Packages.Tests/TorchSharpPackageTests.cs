using System.Text.Json.Nodes;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Packages.Tests;

/// <summary>The package that needs TorchSharp is there where TorchSharp comes as a package, and only there.</summary>
public sealed class TorchSharpPackageTests
{
    [Theory]
    [InlineData("false", "", false)]
    [InlineData("true", "", true)]
    [InlineData("true", "somewhere", false)]
    public void It_is_packed_where_TorchSharp_is_a_package(string use, string path, bool packed)
    {
        string[] arguments =
        [
            "msbuild", Path.Combine("src", "OnnxGrow.TorchSharp"), $"-p:UseTorchSharp={use}", $"-p:TorchSharpPath={path}",
            "-getProperty:IsPackable", "-getProperty:PackageId", "-getItem:PackageReference",
        ];
        JsonNode project = JsonNode.Parse(Programs.Dotnet(Repository.Root, arguments).Well())!;
        Assert.Equal(packed, (string?)project["Properties"]!["IsPackable"] == "true");
        Assert.Equal("OnnxGrow.TorchSharp", (string?)project["Properties"]!["PackageId"]);
        Assert.Equal(packed, project["Items"]!["PackageReference"]!.AsArray().Any(r => ((string)r!["Identity"]!).StartsWith("TorchSharp", StringComparison.Ordinal)));
    }
}
