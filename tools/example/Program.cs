using System.Diagnostics;
using OnnxGrow.Example;
using OnnxGrow.TestSupport;

// The whole way: a small trained model, grown without loss, checked, and trained on beside the small one.
const string Usage = """
    Usage: dotnet run -c Release --project tools/example [-- gpt bert vit]
      Grows the base models of models/base (all three if none is named), carries on training them and what they have
      grown to, and writes a report of each to artifacts/example. About three minutes each on two cores.
    """;

var models = new Dictionary<string, string[]>
{
    ["gpt"] = ["--hidden", "160", "--layers", "6"],
    ["bert"] = ["--hidden", "192", "--layers", "6"],
    ["vit"] = ["--hidden", "160", "--layers", "6"],
};
string[] wanted = args.Length == 0 ? [.. models.Keys] : args;
if (wanted.FirstOrDefault(w => !models.ContainsKey(w)) is { } unknown)
{
    Console.Error.WriteLine($"there is no base model '{unknown}'\n{Usage}");
    return 2;
}

var watch = Stopwatch.StartNew();
string folder = Path.Combine("artifacts", "example");
Directory.CreateDirectory(Path.Combine(Repository.Root, folder));
try
{
    FetchData(wanted.Contains("gpt") || wanted.Contains("bert"), wanted.Contains("vit"));
    foreach (string name in wanted)
    {
        string small = Path.Combine("models", "base", name + ".onnx");
        string recipe = Path.Combine("models", "base", name + "-on.yaml");
        string grown = Path.Combine(folder, name + "-grown.onnx");
        string smallRun = Path.Combine(folder, name + "-small-trained.onnx");
        string grownRun = Path.Combine(folder, name + "-grown-trained.onnx");
        Commands.OnnxGrow(["grow", small, .. models[name], "-o", grown, "--check-trainable", "--force"]);
        Commands.OnnxGrow("train", small, "--recipe", recipe, "-o", smallRun, "--force");
        Commands.OnnxGrow("train", grown, "--recipe", recipe, "-o", grownRun, "--force");
        Commands.OnnxGrow("report", smallRun, grownRun, "-o", Path.Combine(folder, name + ".html"), "--force");
    }
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

Console.WriteLine(FormattableString.Invariant($"done in {watch.Elapsed.TotalMinutes:F1} minutes; the reports are in {folder}"));
return 0;

static void FetchData(bool texts, bool images)
{
    string data = Path.Combine("artifacts", "data");
    foreach ((string set, bool wanted) in new[] { ("state-of-the-union", texts), ("brown", texts), ("fashion-mnist", images) })
    {
        string place = Path.Combine(data, set);
        if (wanted && !Directory.Exists(Path.Combine(Repository.Root, place)))
        {
            Commands.Data(set, place);
        }
    }
}
