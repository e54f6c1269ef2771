using System.Collections.Immutable;
using Onnx;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;

namespace OnnxGrow.Certificate;

/// <summary>
/// Checks a grown file against the source and the plan, without running either: the graph is the one that the plan asks
/// for, every grown weight satisfies W~ P_in = P_out W on the bytes of the file, and every other tensor is the source's.
/// </summary>
public sealed record ModelCertificate
{
    /// <summary>Whether everything holds.</summary>
    public required bool Passed { get; init; }

    /// <summary>What does not hold; empty where all does.</summary>
    public ImmutableArray<string> Findings => [.. Faults.Select(f => f.Text)];

    /// <summary>The same with the tensors that they are about; the first twenty.</summary>
    public required ImmutableArray<CertificateFault> Faults { get; init; }

    /// <summary>The grown weights, one by one.</summary>
    public required ImmutableArray<WeightCertificateResult> Weights { get; init; }

    /// <summary>Tensors that must be, and are, the source's own.</summary>
    public required int Unchanged { get; init; }

    /// <summary>All that in a line.</summary>
    public required string Text { get; init; }

    private const int MaxFindings = 20;
    private const int NamesShown = 3;
    private const int BlockBytes = 1 << 18;

    /// <summary>Checks a file.</summary>
    /// <param name="expected">The growth, done again from the source and the plan.</param>
    /// <param name="file">The file as it lies on disk.</param>
    /// <param name="threads">Threads that check weights; the result does not depend on it. 0 for one a processor.</param>
    /// <param name="progress">Is told how much is read.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static ModelCertificate Check(
        GrownModel expected, OnnxModel file, int threads = 0, WorkProgress? progress = null, CancellationToken cancellation = default)
    {
        var findings = new List<CertificateFault>();
        var results = new List<WeightCertificateResult>();
        int unchanged = 0;
        TensorProto[] wanted = TensorsOf(expected.Model.Proto);
        TensorProto[] found = TensorsOf(file.Proto);
        if (wanted.Length != found.Length || !SameGraph(expected.Model.Proto, file.Proto))
        {
            findings.Add(new CertificateFault(null, "the graph is not the one that the plan in its metadata asks for (nodes, attributes or tensors were added, removed or changed)"));
        }
        else
        {
            var grown = new Dictionary<TensorProto, GrownWeight>(ReferenceEqualityComparer.Instance);
            foreach (GrownWeight weight in expected.Weights)
            {
                grown.Add(weight.Tensor, weight);
            }

            var checks = new (WeightCertificateResult? Result, bool Differs)[wanted.Length];
            int[] largestFirst = [.. Enumerable.Range(0, wanted.Length).OrderByDescending(i => Tensors.CountOf(found[i]))];
            progress?.Begin("checking the weights", found.Where(TensorSource.IsKnown).Sum(tensor => file.DataOf(tensor).ByteLength));
            InParallel.For(
                wanted.Length,
                threads,
                n =>
                {
                    int i = largestFirst[n];
                    TensorData stored = new WatchedTensorData(file.DataOf(found[i]), progress, cancellation);
                    checks[i] = !grown.TryGetValue(wanted[i], out GrownWeight? weight) ? (null, !SameBytes(expected.Model.DataOf(wanted[i]), stored))
                        : weight.Recipe is { } recipe ? (WeightCertificate.Check(recipe, stored), false)
                        : (null, false);
                },
                cancellation);
            for (int i = 0; i < wanted.Length; i++)
            {
                unchanged += grown.ContainsKey(wanted[i]) ? 0 : 1;
                if (checks[i].Differs)
                {
                    Add(findings, found[i].Name, $"'{OnnxGrow.Text.Name(found[i].Name)}' does not grow, but its elements are not the source's");
                }

                if (checks[i].Result is { } result)
                {
                    results.Add(result);
                    if (!result.Passed)
                    {
                        Add(findings, result.Name, result.Text);
                    }
                }
            }

            CheckAttributes(expected, findings);
        }

        return new ModelCertificate
        {
            Passed = findings.Count == 0,
            Faults = [.. findings],
            Weights = [.. results],
            Unchanged = unchanged,
            Text = Summary(findings, results, unchanged),
        };
    }

    private static string Summary(List<CertificateFault> findings, List<WeightCertificateResult> results, int unchanged)
    {
        if (findings.Count > 0)
        {
            return findings[0].Text;
        }

        int exact = results.Count(r => r.Class <= Exactness.ExactWeights);
        WeightCertificateResult? worst = results.Where(r => r.Class > Exactness.ExactWeights).MaxBy(r => r.MaxResidual);
        string rounded = worst is null ? "" : FormattableString.Invariant($", {results.Count - exact} rounded (worst residual {worst.MaxResidual:0.0e+0}, within the rounding of the stored type)");
        return FormattableString.Invariant($"{results.Count} grown weights hold: {exact} exact with zero residual{rounded}; {unchanged} tensors are the source's own{NotFinite(results)}");
    }

    private static string NotFinite(List<WeightCertificateResult> results)
    {
        string[] names = [.. results.Where(r => r.SumsNotFinite).Select(r => $"'{OnnxGrow.Text.Name(r.Name)}'")];
        return names.Length == 0 ? ""
            : FormattableString.Invariant($"; warning: {names.Length} of them ({string.Join(", ", names.Take(NamesShown))}{(names.Length > NamesShown ? ", ..." : "")}) have infinite or NaN entries as their sources do, and where those meet zeros or shares nothing is lossless: 0 times infinity is not 0");
    }

    private static void Add(List<CertificateFault> findings, string? tensor, string text)
    {
        if (findings.Count < MaxFindings)
        {
            findings.Add(new CertificateFault(tensor, text));
        }
    }

    private static bool SameGraph(ModelProto a, ModelProto b) => Bare(a).Equals(Bare(b));

    /// <summary>The model without its tensors' elements and its metadata.</summary>
    private static ModelProto Bare(ModelProto model)
    {
        ModelProto bare = model.Clone();
        bare.MetadataProps.Clear();
        Growth.NodeNotes.Remove(bare);
        ProtoTensors.Visit(bare, (tensor, _) => ClearNumbers(tensor));

        return bare;
    }

    private static TensorProto[] TensorsOf(ModelProto model)
    {
        var tensors = new List<TensorProto>();
        ProtoTensors.Visit(model, (tensor, _) => tensors.Add(tensor));
        return [.. tensors];
    }

    /// <summary>Takes out what <see cref="OnnxModel.DataOf"/> reads; strings stay, and are compared with the graph.</summary>
    private static void ClearNumbers(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.ClearPayload();
        tensor.ClearDataLocation();
        tensor.ExternalData.Clear();
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.Uint64Data.Clear();
    }

    private static void CheckAttributes(GrownModel expected, List<CertificateFault> findings)
    {
        foreach ((AttributeProto attribute, double exact) in expected.ExactAttributes)
        {
            if (attribute.F != (float)exact)
            {
                Add(findings, null, FormattableString.Invariant($"the attribute '{attribute.Name}' is {attribute.F:R}, and {exact:R} rounds to {(float)exact:R}"));
            }
        }
    }

    private static bool SameBytes(TensorData a, TensorData b)
    {
        if (a.ElementType != b.ElementType || a.Count != b.Count)
        {
            return false;
        }

        if (ElementTypes.Bits(a.ElementType) == 0)
        {
            return true;
        }

        byte[] left = new byte[(int)Math.Min(BlockBytes, a.ByteLength)];
        byte[] right = new byte[left.Length];
        for (long at = 0; at < a.ByteLength; at += left.Length)
        {
            int length = (int)Math.Min(left.Length, a.ByteLength - at);
            a.ReadBytes(at, left.AsSpan(0, length));
            b.ReadBytes(at, right.AsSpan(0, length));
            if (!left.AsSpan(0, length).SequenceEqual(right.AsSpan(0, length)))
            {
                return false;
            }
        }

        return true;
    }
}
