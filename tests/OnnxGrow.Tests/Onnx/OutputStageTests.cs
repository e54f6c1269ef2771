using OnnxGrow.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Onnx;

/// <summary>
/// Lets every step of the writing fail, one after another: once, as an error of the disk does, and from there on, as the end
/// of the process does. What stands afterwards is the old state or the whole new one.
/// </summary>
public sealed class OutputStageTests : IDisposable
{
    private readonly TestFolder folder = new();

    public OutputStageTests() => WriteStep.Hook = null;

    public enum Before
    {
        Nothing,
        Model,
        Pair,
    }

    public void Dispose()
    {
        WriteStep.Hook = null;
        folder.Dispose();
    }

    public static TheoryData<bool, Before, bool> Cases()
    {
        var cases = new TheoryData<bool, Before, bool>();
        foreach (bool external in new[] { false, true })
        {
            foreach (Before before in Enum.GetValues<Before>())
            {
                cases.Add(external, before, false);
                cases.Add(external, before, true);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void At_every_step_the_old_state_stands_or_the_whole_new_one(bool external, Before before, bool ends)
    {
        using OnnxModel old = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("old", 900)));
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("w", 1000), TestFolder.Ramp("v", 500)));
        var options = new SaveOptions { ExternalThreshold = external ? 1 : null, MaxParallelism = 2 };
        Reset(old, before);
        Dictionary<string, string> oldState = State();
        int steps = 0;
        WriteStep.Hook = _ => Interlocked.Increment(ref steps);
        model.Save(folder.File("m.onnx"), options);
        WriteStep.Hook = null;
        Dictionary<string, string> newState = State();
        Assert.True(steps > (external ? 15 : 9), $"{steps} steps");

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int at = 1; at <= steps; at++)
        {
            Reset(old, before);
            int step = 0;
            string where = "";
            WriteStep.Hook = name =>
            {
                int number = Interlocked.Increment(ref step);
                if (number == at || (ends && number > at))
                {
                    where = number == at ? name : where;
                    throw new InjectedException();
                }
            };
            bool failed = Record(() => model.Save(folder.File("m.onnx"), options)) is not null;
            WriteStep.Hook = null;
            string what = $"step {at} of {steps} ({where})";
            seen.Add(where);

            // Never a model beside data that is not its own; at most, for a moment, none.
            if (File.Exists(folder.File("m.onnx")))
            {
                using OnnxModel standing = OnnxModel.Open(folder.File("m.onnx"));
                byte[] bytes = standing.ToBytes();
                Assert.True(bytes.SequenceEqual(model.ToBytes()) || (before != Before.Nothing && bytes.SequenceEqual(old.ToBytes())), what);
            }
            else
            {
                Assert.True(before == Before.Nothing || ends, what);
            }

            // An error, other than the end of the process, leaves nothing to do, unless it is the cleaning up that failed.
            // Where the folder cannot be flushed, the old model's data stays for the next run.
            bool keeps = where == "flush folder" && !external && before == Before.Pair;
            if (!ends && !keeps && where is not ("delete" or "delete data"))
            {
                Assert.True(failed, what);
                Assert.All(folder.Names, name => Assert.False(name.StartsWith('.'), $"{what}: {name}"));
            }

            // The next run, even one that goes no further than looking, finds the old state or the new one.
            OutputStage.Recover(folder.File("m.onnx"));
            Dictionary<string, string> state = State();
            Assert.True(Same(state, oldState) || Same(state, newState), $"{what}: {string.Join(", ", state.Keys)}");
            Assert.True(failed || Same(state, newState), what);

            model.Save(folder.File("m.onnx"), options);
            Assert.True(Same(State(), newState), what);
        }

        string[] always = ["create", "create folder", "create lock", "delete", "flush", "flush folder", "rename", "reserve", "write", .. OperatingSystem.IsLinux() ? new[] { "write back" } : []];
        Assert.Equal(always, seen.Where(s => s is not ("mark" or "note" or "delete data")).Order(StringComparer.Ordinal));
        Assert.Equal(!external && before == Before.Pair, seen.Contains("note"));
        Assert.Equal(!external && before == Before.Pair, seen.Contains("delete data"));
        Assert.Equal(external, seen.Contains("mark"));
    }

    [Fact]
    public void A_recovery_that_is_ended_itself_is_finished_by_the_next()
    {
        using OnnxModel old = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("old", 900)));
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("w", 1000)));
        var options = new SaveOptions { ExternalThreshold = 1 };
        model.Save(folder.File("m.onnx"), options);
        Dictionary<string, string> newState = State();
        int recoveries = 0;
        for (int at = 1; ; at++)
        {
            Reset(old, Before.Pair);
            EndAt("rename", 2, () => model.Save(folder.File("m.onnx"), options));
            Assert.False(File.Exists(folder.File("m.onnx")));
            int step = 0;
            WriteStep.Hook = _ =>
            {
                if (++step >= at)
                {
                    throw new InjectedException();
                }
            };
            Record(() => OutputStage.Recover(folder.File("m.onnx")));
            WriteStep.Hook = null;
            OutputStage.Recover(folder.File("m.onnx"));
            Assert.True(Same(State(), newState), $"step {at}");
            if (step < at)
            {
                break;
            }

            recoveries++;
        }

        Assert.InRange(recoveries, 8, 40);
    }

    [Fact]
    public void A_file_that_was_put_in_the_model_s_place_since_stays()
    {
        using OnnxModel old = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("old", 900)));
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("w", 1000)));
        Reset(old, Before.Pair);
        EndAt("rename", 2, () => model.Save(folder.File("m.onnx"), new SaveOptions { ExternalThreshold = 1 }));
        Assert.False(File.Exists(folder.File("m.onnx")));
        folder.Write("m.onnx", [1, 2, 3]);
        OutputStage.Recover(folder.File("m.onnx"));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder.File("m.onnx")));
        Assert.DoesNotContain(folder.Names, name => name.StartsWith('.'));
    }

    [Fact]
    public void Only_leftovers_of_this_output_are_removed_and_none_that_is_in_use()
    {
        string[] others = [".n.onnx.00000001.onnxgrow", ".m.onnx.x.onnxgrow", ".m.onnx.0000000g.onnxgrow", "m.onnx.00000001.onnxgrow", ".m.onnx.00000001.tmp"];
        foreach (string name in others.Append(".m.onnx.00000001.onnxgrow"))
        {
            Directory.CreateDirectory(folder.File(Path.Combine(name, "new")));
            folder.Write(Path.Combine(name, "new", "m.onnx"), [1]);
        }

        using (var live = new OutputStage(folder.File("n.onnx")))
        {
            OutputStage.Recover(folder.File("n.onnx"));
            OutputStage.Recover(folder.File("m.onnx"));
            Assert.Equal(others.Length, folder.Names.Count());
            Assert.True(Directory.Exists(Path.GetDirectoryName(live.ModelPath)));

            // The first leftover of n.onnx went when the stage was made; its own folder is there instead.
            Assert.DoesNotContain(others[0], folder.Names);
            TestFolder.Refused(() => new OutputStage(folder.File("n.onnx")).Dispose(), "n.onnx", "another process is writing it", "another name");
        }

        Assert.Equal(others[1..].Order(StringComparer.Ordinal), folder.Names);
    }

    [Fact]
    public void A_name_of_full_length_has_room_for_its_stage()
    {
        string name = new string('ä', 120) + ".onnx";
        using OnnxModel model = OnnxModel.FromProto(TestFolder.Model(TestFolder.Ramp("w", 10)));
        EndAt("rename", 1, () => model.Save(folder.File(name)));
        Assert.Single(folder.Names);
        model.Save(folder.File(name));
        Assert.Equal([name], folder.Names);
    }

    [Fact]
    public void What_is_unfinished_is_removed_when_the_process_is_told_to_end()
    {
        folder.Write("m.onnx", [1]);
        using var stage = new OutputStage(folder.File("m.onnx"));
        using (OutputFile file = stage.Create("m.onnx", 3))
        {
            file.Write(0, [1, 2, 3]);
        }

        UnfinishedOutput.Remove();
        Assert.Equal(["m.onnx"], folder.Names);
        Assert.Throws<OperationCanceledException>(() => stage.Publish());
        Assert.Equal([1], File.ReadAllBytes(folder.File("m.onnx")));
    }

    [Fact]
    public void A_text_file_appears_whole_or_not_at_all()
    {
        WholeFile.WriteText(folder.File("plan.json"), "old");
        EndAt("rename", 1, () => WholeFile.WriteText(folder.File("plan.json"), "new"));
        Assert.Equal("old", File.ReadAllText(folder.File("plan.json")));
        WholeFile.WriteText(folder.File("plan.json"), "néw");
        Assert.Equal("néw", File.ReadAllText(folder.File("plan.json")));
        Assert.Equal(["plan.json"], folder.Names);
    }

    private void EndAt(string name, int occurrence, Action action)
    {
        int count = 0;
        bool ended = false;
        WriteStep.Hook = step =>
        {
            ended |= step == name && ++count == occurrence;
            if (ended)
            {
                throw new InjectedException();
            }
        };
        Assert.NotNull(Record(action));
        WriteStep.Hook = null;
    }

    private void Reset(OnnxModel old, Before before)
    {
        foreach (string name in folder.Names)
        {
            string path = folder.File(name);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }

        if (before != Before.Nothing)
        {
            old.Save(folder.File("m.onnx"), new SaveOptions { ExternalThreshold = before == Before.Pair ? 1 : null });
        }
    }

    private Dictionary<string, string> State() =>
        folder.Names.ToDictionary(name => name, name => File.Exists(folder.File(name)) ? ContentHash.Sha256OfFile(folder.File(name)) : "folder", StringComparer.Ordinal);

    private static bool Same(Dictionary<string, string> a, Dictionary<string, string> b) =>
        a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out string? value) && value == pair.Value);

    private static Exception? Record(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is BadInputException or IOException)
        {
            return e;
        }
    }

    private sealed class InjectedException() : IOException("injected");
}
