using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Slices by tuples of indices, sample by sample where there are batch axes.</summary>
[TorchOperator("GatherND")]
internal sealed class GatherND : ITorchOperator
{
    public Tensor[] Run(OperatorCall at)
    {
        Tensor x = at.Input(0);
        Tensor tuples = at.Input(1);
        int batch = (int)at.Int("batch_dims", 0);
        int length = (int)tuples.shape[^1];
        long[] indexed = x.shape[batch..(batch + length)];
        long[] rest = x.shape[(batch + length)..];
        long samples = Indices.Count(x.shape[..batch]);
        Tensor places = Indices.Places(tuples, indexed).reshape(samples, -1);
        Tensor first = torch.arange(0, samples, ScalarType.Int64, x.device).reshape(samples, 1) * Indices.Count(indexed);
        Tensor rows = x.reshape(samples * Indices.Count(indexed), Indices.Count(rest));
        return [rows.index_select(0, (places + first).reshape(-1)).reshape([.. tuples.shape[..^1], .. rest])];
    }
}
