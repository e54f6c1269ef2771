using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace OnnxGrow.Styles;

/// <summary>Runs each model and its twin on the same random inputs, at every size that the manifest names.</summary>
internal static class Checker
{
    private const double Tolerance = 1e-4;

    public static bool Run(string folder, string[] names)
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")));
        bool good = true;
        foreach (JsonElement model in manifest.RootElement.GetProperty("models").EnumerateArray())
        {
            string file = model.GetProperty("file").GetString()!;
            if (names.Length > 0 && !names.Any(n => file.Contains(n, StringComparison.Ordinal)))
            {
                continue;
            }

            if (!model.GetProperty("runs").GetBoolean())
            {
                // Loading goes as far as the operators' definitions, and stops where no kernel is found.
                string why = Refusal(folder, file);
                bool expected = why.Contains("NotImplemented", StringComparison.Ordinal);
                Console.WriteLine($"{file}: {(expected ? "not run" : "UNEXPECTED")} ({why})");
                good &= expected;
                continue;
            }

            try
            {
                string? twin = model.GetProperty("twin").GetString();
                good &= Compare(folder, file, twin, model);
            }
            catch (OnnxRuntimeException e)
            {
                Console.WriteLine($"{file}: FAILS: {e.Message}");
                good = false;
            }
        }

        return good;
    }

    private static bool Compare(string folder, string file, string? twin, JsonElement model)
    {
        // The same result whatever the optimiser does: as the runtime would run it, and node by node as written.
        using InferenceSession plain = Open(folder, file, GraphOptimizationLevel.ORT_DISABLE_ALL);
        using InferenceSession optimised = Open(folder, file, model.TryGetProperty("optimised", out _) ? GraphOptimizationLevel.ORT_DISABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_ALL);
        using InferenceSession? reference = twin is null ? null : Open(folder, twin, GraphOptimizationLevel.ORT_DISABLE_ALL);
        double worst = 0, largest = 0;
        int seed = 1;
        foreach (JsonElement size in model.GetProperty("sizes").EnumerateArray())
        {
            var symbols = size.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
            List<(string Name, OrtValue Value)> inputs = Inputs.Make(model.GetProperty("inputs"), symbols, new Random(seed++));
            using var run = new RunOptions();
            string[] names = [.. inputs.Select(i => i.Name)];
            OrtValue[] values = [.. inputs.Select(i => i.Value)];
            string[] outputs = [.. (reference ?? plain).OutputNames];
            using IDisposableReadOnlyCollection<OrtValue> a = plain.Run(run, names, values, outputs);
            using IDisposableReadOnlyCollection<OrtValue> b = optimised.Run(run, names, values, outputs);
            using IDisposableReadOnlyCollection<OrtValue>? c = Run(reference, run, inputs, outputs);
            for (int i = 0; i < outputs.Length; i++)
            {
                Difference(a[i], b[i], ref worst, ref largest);
                if (c is not null)
                {
                    double before = worst;
                    Difference(a[i], c[i], ref worst, ref largest);
                    if (worst >= Tolerance && worst > before)
                    {
                        Console.WriteLine($"  {outputs[i]} at {size.GetRawText()}: {worst:0.0e+0}");
                    }
                }
            }

            foreach (OrtValue value in values)
            {
                value.Dispose();
            }
        }

        bool good = worst < Tolerance && largest > 0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {(good ? "same" : "DIFFERS")}, at most {worst:0.0e+0} of {largest:0.00}{(twin is null ? " (no twin)" : "")}"));
        return good;
    }

    // A twin may lack an input that only chooses a branch.
    private static IDisposableReadOnlyCollection<OrtValue>? Run(InferenceSession? twin, RunOptions run, List<(string Name, OrtValue Value)> inputs, string[] outputs)
    {
        if (twin is null)
        {
            return null;
        }

        inputs = [.. inputs.Where(i => twin.InputNames.Contains(i.Name))];
        return twin.Run(run, [.. inputs.Select(i => i.Name)], [.. inputs.Select(i => i.Value)], outputs);
    }

    private static string Refusal(string folder, string file)
    {
        try
        {
            using InferenceSession session = Open(folder, file, GraphOptimizationLevel.ORT_DISABLE_ALL);
            return "it loads";
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message;
        }
    }

    private static InferenceSession Open(string folder, string file, GraphOptimizationLevel level)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = level,
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        return new InferenceSession(Path.Combine(folder, file), options);
    }

    private static void Difference(OrtValue a, OrtValue b, ref double worst, ref double largest)
    {
        if (!a.GetTensorTypeAndShape().Shape.SequenceEqual(b.GetTensorTypeAndShape().Shape))
        {
            Console.WriteLine($"  shapes {string.Join('x', a.GetTensorTypeAndShape().Shape)} and {string.Join('x', b.GetTensorTypeAndShape().Shape)}");
            worst = double.PositiveInfinity;
            return;
        }

        ReadOnlySpan<float> x = a.GetTensorDataAsSpan<float>(), y = b.GetTensorDataAsSpan<float>();
        for (int i = 0; i < x.Length; i++)
        {
            double difference = Math.Abs((double)x[i] - y[i]);
            worst = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, difference);
            largest = Math.Max(largest, Math.Abs(x[i]));
        }
    }
}
