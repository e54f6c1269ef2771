using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.TestSupport;
using OnnxGrow.TorchSharp.Graph;
using OnnxGrow.Training.Preparation;
using TorchSharp;
using Xunit;

namespace OnnxGrow.TorchSharp.Tests.Module;

/// <summary>A module is one of TorchSharp's own: parameters by name, autograd, optimizers, and the way back to ONNX.</summary>
public sealed class OnnxModuleTests
{
    private static readonly string Model = Repository.Model("gpt2-mini-op17.onnx");

    [Fact]
    public void Parameters_are_named_after_initializers()
    {
        using OnnxModel source = OnnxModel.Open(Model);
        HashSet<string> initializers = [.. source.Proto.Graph.Initializer.Select(t => t.Name)];
        using OnnxModule module = OnnxModule.LoadOnnx(Model);
        (string name, global::TorchSharp.Modules.Parameter parameter)[] found = [.. module.named_parameters()];
        Assert.NotEmpty(found);
        Assert.All(found, p => Assert.Contains(p.name, initializers));
        Assert.All(found, p => Assert.True(p.parameter.requires_grad));
        Assert.Equal(found.Select(p => p.name).Order(), module.state_dict().Keys.Order());
    }

    [Fact]
    public void An_optimizer_of_TorchSharp_trains_it_and_the_file_holds_what_it_learnt()
    {
        using var folder = new TemporaryFolder();
        using OnnxModel source = OnnxModel.Open(Model);
        IReadOnlyDictionary<string, RuntimeTensor> inputs = ExampleInputs.Of(source);
        using var module = new OnnxModule(source);
        var optimizer = torch.optim.AdamW(module.parameters(), 1e-3);
        double first = 0;
        double last = 0;
        for (int step = 0; step < 5; step++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            optimizer.zero_grad();
            torch.Tensor loss = Forward(module, inputs).square().mean();
            loss.backward();
            optimizer.step();
            last = loss.cpu().item<float>();
            first = step == 0 ? last : first;
        }

        Assert.True(last < 0.9 * first, $"from {first} to {last}");
        string path = Path.Combine(folder.Path, "trained.onnx");
        module.SaveOnnx(path);
        using OnnxModel written = OnnxModel.Open(path);
        Assert.Equal(source.Proto.Graph.Node.Count, written.Proto.Graph.Node.Count);
        using var session = new OrtSession(written);
        using DisposeScope outer = torch.NewDisposeScope();
        double[] expected = TorchTypes.ToRuntime(Forward(module, inputs)).ToDoubles();
        double[] actual = session.Run(inputs)[module.OutputNames[0]].ToDoubles();
        double size = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * size));
    }

    [Fact]
    public void A_step_leaves_no_tensors_behind()
    {
        using OnnxModel source = OnnxModel.Open(Model);
        IReadOnlyDictionary<string, RuntimeTensor> inputs = ExampleInputs.Of(source);
        using var module = new OnnxModule(source);
        long Step()
        {
            using (DisposeScope scope = torch.NewDisposeScope())
            {
                Forward(module, inputs).square().mean().backward();
            }

            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        Step();
        long before = Step();
        Assert.Equal(before, Step());
    }

    [Fact]
    public void What_is_frozen_is_no_parameter()
    {
        using var module = OnnxModule.LoadOnnx(Model, new OnnxModuleOptions { Weights = new ParameterFilter { Freeze = ["*wte*"] } });
        Assert.DoesNotContain(module.named_parameters(), p => p.name.Contains("wte", StringComparison.Ordinal));
        Assert.Contains(module.Frozen, f => f.Name.Contains("wte", StringComparison.Ordinal));
    }

    [Fact]
    public void A_tied_output_layer_is_written_back_with_its_table()
    {
        using var folder = new TemporaryFolder();
        using var module = OnnxModule.LoadOnnx(Model);
        using (torch.no_grad())
        {
            foreach (global::TorchSharp.Modules.Parameter parameter in module.parameters())
            {
                parameter.mul_(2);
            }
        }

        string path = Path.Combine(folder.Path, "doubled.onnx");
        module.SaveOnnx(path);
        using OnnxModel source = OnnxModel.Open(Model);
        using OnnxModel written = OnnxModel.Open(path);
        HashSet<string> names = [.. module.state_dict().Keys, .. module.Ties.Select(t => t.Name)];
        foreach (TensorProto tensor in source.Proto.Graph.Initializer.Where(t => names.Contains(t.Name)))
        {
            double[] before = new double[Tensors.CountOf(tensor)];
            double[] after = new double[before.Length];
            source.DataOf(tensor).ReadDoubles(0, before);
            written.DataOf(written.Proto.Graph.Initializer.Single(t => t.Name == tensor.Name)).ReadDoubles(0, after);
            Assert.Equal(before.Select(v => 2 * v), after);
        }
    }

    private static torch.Tensor Forward(OnnxModule module, IReadOnlyDictionary<string, RuntimeTensor> inputs) =>
        module.call(inputs.ToDictionary(i => i.Key, i => TorchTypes.FromRuntime(i.Value), StringComparer.Ordinal))[module.OutputNames[0]];
}
