namespace OnnxGrow.Growth.Methods;

/// <summary>
/// The lossless weights nearest to bert2BERT's mixture: LEMON's set of solutions (growth-math, rule 0.1), and of them the one by rule 5.2
/// whose initialisation is what <see cref="Bert2BertAki"/> grows by the same plan. What new units hold is theirs, from the layer behind and
/// from entries drawn at random; what they add to the function cancels.
/// </summary>
public sealed class LemonAki : GrowthMethod
{
    /// <inheritdoc/>
    public override string Name => "lemon-aki";

    /// <inheritdoc/>
    public override string Summary => "lossless; the weights nearest to what bert2bert-aki grows";

    /// <inheritdoc/>
    public override string Nearest => new Bert2BertAki().Name;
}
