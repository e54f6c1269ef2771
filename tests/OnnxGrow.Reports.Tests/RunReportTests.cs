using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Reports.Runs;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.TestSupport;
using OnnxGrow.Training.Runs;
using Xunit;

namespace OnnxGrow.Reports.Tests;

public sealed class RunReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_run_on_a_grown_model_has_everything()
    {
        Grow("grown.onnx", new GrowthRequest { Hidden = 96, Layers = 4, Seed = 7 });
        File.WriteAllText(_folder.File("text.txt"), string.Concat(Enumerable.Range(0, 200).Select(i => $"the {i % 7} quick brown foxes jump over {i % 5} lazy dogs. ")));
        File.WriteAllText(_folder.File("recipe.yaml"), """
            data: {kind: text, files: [text.txt], tokenizer: {kind: bytes}, sequence: 32, batch: 4, validation: 0.1}
            loss: {kind: causal-lm}
            optimizer: {kind: adamw, lr: 1e-3} # <b>&amp;
            steps: 6
            threads: 1
            evaluate: {every: 3, batches: 2}
            """);
        TrainingRun.Run(new RunOptions { Model = _folder.File("grown.onnx"), Recipe = _folder.File("recipe.yaml"), Output = _folder.File("out.onnx") });
        XDocument page = PageReader.Read(RunReport.Of([_folder.File("out.onnx")], "A title with <tags>"));
        Assert.Equal("A title with <tags>", page.Descendants("h1").Single().Value);
        RunRecord record = RunRecord.Read(_folder.File("out.onnx" + RunRecord.Suffix));
        Assert.Equal("grown.onnx", PageReader.Row(page, "model").Single());
        Assert.Equal(record.Recipe.Sha256, PageReader.Row(page, "recipe SHA-256").Single());
        Assert.Equal("cpu, 1", PageReader.Row(page, "provider, threads").Single());
        Assert.Equal("6", PageReader.Row(page, "steps").Single());
        Assert.Equal("lemon, seed 7", PageReader.Row(page, "grown by").Single());
        Assert.StartsWith("equivalent", PageReader.Row(page, "verdict of the growth").Single(), StringComparison.Ordinal);
        Assert.Contains(page.Descendants("code"), c => c.Value == "onnxgrow train grown.onnx --recipe recipe.yaml -o out.onnx");
        Assert.Contains(page.Descendants("code"), c => c.Value == record.RecipeText);

        // Source and grown: three layers, and four of which one is new.
        XElement[] figures = [.. page.Descendants("figure").Where(f => (string?)f.Attribute("class") == "model")];
        Assert.Equal(2, figures.Length);
        Assert.Contains(figures[0].Descendants("strong"), s => s.Value == "Layers 0 to 2");
        Assert.Contains("width 48", figures[0].Value, StringComparison.Ordinal);
        Assert.Contains("width 96", figures[1].Value, StringComparison.Ordinal);
        XElement[] layers = [.. figures[1].Descendants("li").Where(l => ((string?)l.Attribute("class"))?.StartsWith("block layer", StringComparison.Ordinal) == true)];
        Assert.Equal(4, layers.Length);
        XElement added = Assert.Single(layers, l => ((string)l.Attribute("class")!).EndsWith("new", StringComparison.Ordinal));
        Assert.Contains("begins as a copy of layer", added.Value, StringComparison.Ordinal);
        Assert.All(layers.Where(l => l != added), l => Assert.Contains("6 heads (was 3)", l.Value, StringComparison.Ordinal));

        // The curves: six steps, three validations, and the operations of a step.
        JsonElement run = PageReader.Data(page).GetProperty("runs")[0];
        Assert.Equal([1, 2, 3, 4, 5, 6], run.GetProperty("curves").GetProperty("loss").GetProperty("step").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal([0, 3, 6], run.GetProperty("curves").GetProperty("validation").GetProperty("step").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal(record.FlopsPerStep(), run.GetProperty("flops").GetDouble());
    }

    [Fact]
    public void Without_a_record_cells_are_empty_and_the_page_says_why()
    {
        WriteLog("plain.onnx", 20);
        XDocument page = PageReader.Read(RunReport.Of([_folder.File("plain.onnx.log.jsonl")]));
        Assert.Equal("\u2013", PageReader.Row(page, "engine").Single());
        Assert.Contains(page.Descendants("p"), p => p.Value.Contains("No file .run.json lies beside the log of plain", StringComparison.Ordinal));
        Assert.Equal("disabled", (string?)page.Descendants("input").Single(i => (string?)i.Attribute("value") == "flops").Attribute("disabled"));
        Assert.Equal(JsonValueKind.Null, PageReader.Data(page).GetProperty("runs")[0].GetProperty("flops").ValueKind);
    }

    [Fact]
    public void Runs_of_the_same_name_are_told_apart()
    {
        foreach (string folder in new[] { "a", "b" })
        {
            Directory.CreateDirectory(_folder.File(folder));
            WriteLog(Path.Combine(folder, "run.onnx"), 3);
        }

        string page = RunReport.Of([_folder.File("a/run.onnx"), _folder.File("b/run.onnx"), _folder.File("b/run.onnx.log.jsonl")]);
        Assert.Equal(["a/run", "b/run"], PageReader.Data(PageReader.Read(page)).GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
    }

    [Fact]
    public void A_log_of_many_steps_makes_a_small_page()
    {
        WriteLog("long.onnx", 300_000);
        string page = RunReport.Of([_folder.File("long.onnx")]);
        Assert.InRange(page.Length, 50_000, 1_000_000);
        JsonElement loss = PageReader.Data(PageReader.Read(page)).GetProperty("runs")[0].GetProperty("curves").GetProperty("loss");
        Assert.InRange(loss.GetProperty("y").GetArrayLength(), RunCurves.MostPoints / 4, RunCurves.MostPoints);
        Assert.Equal(300_000, loss.GetProperty("step").EnumerateArray().Last().GetInt32());
    }

    [Fact]
    public void Names_that_look_like_markup_stay_names()
    {
        const string evil = "<img src=x onerror=alert(1)>'\"&]]>";
        string name = "a<script>b.onnx";
        WriteLog(name, 5);
        WriteRecord(name, r =>
        {
            r["recipe_text"] = $"data: {evil}\n</script></code></pre><script>alert(1)</script>\u2028";
            r["model"]!["name"] = evil;
            r["engine"] = evil;
            r["entry_kind"] = "</script><!--";
        });
        string text = RunReport.Of([_folder.File(name)]);
        XDocument page = PageReader.Read(text);
        Assert.Equal(evil, PageReader.Row(page, "model").Single());
        Assert.Equal("a<script>b", PageReader.Data(page).GetProperty("runs")[0].GetProperty("name").GetString());
        Assert.Equal(3, text.Split("<script").Length - 1);
        Assert.DoesNotContain("<img", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_going_on_has_a_line_cut_off_at_its_end()
    {
        WriteLog("now.onnx", 4);
        File.AppendAllText(_folder.File("now.onnx.log.jsonl"), "{\"step\":5,\"lo");
        Assert.Equal("4", PageReader.Row(PageReader.Read(RunReport.Of([_folder.File("now.onnx")])), "steps").Single());
    }

    [Fact]
    public void A_loss_that_is_no_number_is_told()
    {
        WriteLog("nan.onnx", 4);
        File.AppendAllText(_folder.File("nan.onnx.log.jsonl"), "{\"step\":5,\"loss\":\"NaN\",\"lr\":1,\"grad_norm\":\"NaN\"}\n");
        Assert.Contains("no number from step 5 on", PageReader.Row(PageReader.Read(RunReport.Of([_folder.File("nan.onnx")])), "final training loss (smoothed)").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_run_is_refused_with_what_would_be_right()
    {
        string Refusal(string run) => Assert.Throws<BadInputException>(() => RunReport.Of([_folder.File(run)])).Message;
        Assert.Contains("there is no log", Refusal("missing.onnx"), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("model.onnx"), "x");
        Assert.Contains("its log", Refusal("model.onnx"), StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<BadInputException>(() => RunReport.Of([_folder.Path])).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("other.onnx.log.jsonl"), "{\"level\":\"info\"}\n");
        Assert.Contains("line 1: not a step of a run", Refusal("other.onnx"), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("binary.onnx.log.jsonl"), new string('x', 100_000));
        Assert.Contains("a line of more than", Refusal("binary.onnx"), StringComparison.Ordinal);
        File.WriteAllText(_folder.File("empty.onnx.log.jsonl"), "");
        Assert.Contains("no step in it yet", Refusal("empty.onnx"), StringComparison.Ordinal);
        WriteLog("newer.onnx", 2);
        WriteRecord("newer.onnx", r => r["version"] = 99);
        Assert.Contains("version 99", Refusal("newer.onnx"), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Grow(string output, GrowthRequest request)
    {
        using GrowthJob job = GrowthJob.Open(Repository.Model("gpt2-mini-op17.onnx"));
        using GrownModel grown = Grower.Grow(job.Map, job.Bind(Planner.Plan(job.Map, request)));
        Assert.True(job.WriteVerified(grown, _folder.File(output), new Runtime.EquivalenceOptions { Proof = Runtime.ProofLevel.Certificate }).Written);
    }

    private void WriteLog(string output, int steps)
    {
        var log = new StringBuilder("{\"step\":0,\"validation_loss\":3.5,\"validation_accuracy\":0.01,\"seconds\":0.1,\"entries\":0}\n");
        for (int i = 1; i <= steps; i++)
        {
            log.Append(CultureInfo.InvariantCulture, $"{{\"step\":{i},\"loss\":{3 + Math.Sin(i)},\"lr\":{1e-3 / i},\"grad_norm\":{1 + Math.Cos(i)},\"seconds\":{i * 0.25},\"entries\":{i * 128}}}\n");
        }

        File.WriteAllText(_folder.File(output + ".log.jsonl"), log.ToString());
    }

    private void WriteRecord(string output, Action<JsonObject> change)
    {
        var record = new RunRecord
        {
            Model = new TrackedFile("m.onnx", "00"),
            Recipe = new TrackedFile("r.yaml", "11"),
            RecipeText = "data: {}\n",
            Output = output,
            TrainedParameters = 10,
            FrozenParameters = 1,
            Engine = "onnxruntime",
            Runtime = "ONNX Runtime",
            Provider = "cpu",
            Threads = 1,
            FlopsForward = 100,
            FlopsBackward = 200,
            BatchesPerStep = 1,
            SamplesPerBatch = 2,
            EntriesPerBatch = 8,
            EntryKind = "tokens",
            Steps = 5,
        };
        string path = _folder.File(output + RunRecord.Suffix);
        record.Write(path, null);
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
