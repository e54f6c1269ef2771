using System.Diagnostics;
using Xunit;

namespace OnnxGrow.Training.Tests.Handoff;

/// <summary>A test that runs where Debian's Python has PyTorch and ONNX (python3-torch, python3-onnx), and is skipped elsewhere.</summary>
internal sealed class PyTorchTheoryAttribute : TheoryAttribute
{
    public const string Python = "/usr/bin/python3";

    private static readonly Lazy<bool> Present = new(() =>
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using Process process = Process.Start(new ProcessStartInfo(Python, ["-c", "import torch, onnx"]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    });

    public PyTorchTheoryAttribute()
    {
        if (!Present.Value)
        {
            Skip = $"{Python} has no torch and onnx; 'apt-get install python3-torch python3-onnx' brings them";
        }
    }
}
