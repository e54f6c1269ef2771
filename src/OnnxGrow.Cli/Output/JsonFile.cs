using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Cli.Output;

/// <summary>JSON for machines: stable keys, a versioned schema, "-" for standard output.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(string path, JsonObject json)
    {
        // Escapes for a terminal are JSON's own, so that it is the same JSON.
        string text = OnnxGrow.Text.Shown(json.ToJsonString(Options)) + "\n";
        if (path == "-")
        {
            Console.Out.Write(text);
            return;
        }

        WholeFile.WriteText(path, text);
    }
}
