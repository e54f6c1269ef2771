using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Training.Tests.Data;

/// <summary>A test on data that tools/data fetches into artifacts/data; skipped where they are not there.</summary>
internal sealed class DataFileFactAttribute : FactAttribute
{
    public DataFileFactAttribute(string folder, string command)
    {
        if (!Directory.Exists(PathOf(folder)))
        {
            Skip = $"needs data: dotnet run -c Release --project tools/data -- {command} artifacts/data/{folder}";
        }
    }

    public static string PathOf(string folder) => Path.Combine(Repository.Root, "artifacts", "data", folder);
}
