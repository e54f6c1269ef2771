using System.Text.Json.Serialization;

namespace OnnxGrow.Training.Runs;

/// <summary>How the state of a run is written as JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(RunState))]
internal sealed partial class RunJson : JsonSerializerContext;
