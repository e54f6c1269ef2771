using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Packages.Tests;

/// <summary>All packages, packed once from what has been built, in a folder that serves as a feed.</summary>
[CollectionDefinition(Name)]
public sealed class Packed : IDisposable, ICollectionFixture<Packed>
{
    /// <summary>The collection of the tests that share it.</summary>
    public const string Name = "packed";

    private readonly TemporaryFolder _folder = new();

    /// <summary>Packs the solution as it was built.</summary>
    public Packed()
    {
        Feed = _folder.File("feed");
        Log = Programs.Dotnet(Repository.Root, ["pack", "OnnxGrow.sln", "--no-build", "-o", Feed, .. Build.Arguments]).Well();
        File.WriteAllText(_folder.File("nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{Feed}" />
              </packageSources>
            </configuration>
            """);
        Unpacked = _folder.File("unpacked");
    }

    /// <summary>What packing said.</summary>
    public string Log { get; }

    /// <summary>The folder of the packages.</summary>
    public string Feed { get; }

    /// <summary>A folder for NuGet to unpack to, so that nothing is taken that was there before.</summary>
    public string Unpacked { get; }

    /// <summary>The path of a package.</summary>
    public string Package(string id, string extension = "nupkg") => Path.Combine(Feed, $"{id}.{Build.Version}.{extension}");

    /// <summary>A new folder in which the packages are a feed beside those of the machine.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(_folder.File(name)).FullName;

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
