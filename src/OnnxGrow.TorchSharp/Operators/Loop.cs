using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>An inner graph run again and again: values are handed on from run to run, others are collected.</summary>
[TorchOperator("Loop")]
internal sealed class Loop : ITorchOperator
{
    private const string Body = "body";

    public Tensor[] Run(OperatorCall at)
    {
        long most = at.OptionalIntegers(0) is [long trips] ? trips : long.MaxValue;
        bool goOn = at.OptionalIntegers(1) is not [0];
        Tensor[] carried = [.. Enumerable.Range(2, at.Inputs - 2).Select(at.Input)];
        List<Tensor>[] collected = [.. Enumerable.Range(0, at.Outputs - carried.Length).Select(_ => new List<Tensor>())];
        for (long trip = 0; trip < most && goOn; trip++)
        {
            Tensor[] outputs = at.RunInner(Body, [torch.tensor(trip), torch.tensor(goOn), .. carried]);
            goOn = HostValues.Integers(outputs[0])[0] != 0;
            carried = outputs[1..(1 + carried.Length)];
            for (int i = 0; i < collected.Length; i++)
            {
                collected[i].Add(outputs[1 + carried.Length + i]);
            }
        }

        if (collected.Any(c => c.Count == 0))
        {
            throw at.Refuse("it does not run even once, so that what it collects has no shape");
        }

        return [.. carried, .. collected.Select(c => torch.stack(c))];
    }
}
