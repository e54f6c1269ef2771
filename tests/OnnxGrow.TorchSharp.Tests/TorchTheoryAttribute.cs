using OnnxGrow.Training.Engine;
using Xunit;

namespace OnnxGrow.TorchSharp.Tests;

/// <summary>A test that is skipped, and says so, where the build has no TorchSharp.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TorchTheoryAttribute : TheoryAttribute
{
    public TorchTheoryAttribute() =>
        Skip = Engines.Has(Engines.TorchSharp) ? null : "this build has no TorchSharp; build with -p:UseTorchSharp=true where the feed has it";
}
