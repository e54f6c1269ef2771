using System.Collections.Frozen;

namespace OnnxGrow.Explain;

/// <summary>A rule of docs/growth-math.md in a line.</summary>
/// <param name="Number">Its number there.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Formula">What it says. D: source width, E: target width, k = floor(E/D) whole copies, s = kD/E.</param>
public sealed record Rule(string Number, string Name, string Formula);

/// <summary>The rules that recipes name, from docs/growth-math.md.</summary>
public static class RuleTable
{
    private static readonly FrozenDictionary<string, Rule> Rules = new Rule[]
    {
        new("0.1", "Projection theorem", "W~ P = Q W, where P carries what the weight reads and Q what it writes"),
        new("0.2", "Copies in, shares out", "written axes: copies; read axes: the columns that meet copies of entry i sum to column i"),
        new("2.1", "LayerNorm, any width", "k copies and a tail of the mean; gain~ = sqrt(s) gain, eps~ = s eps, s = kD/E"),
        new("2.5", "RMSNorm, any width", "k copies and a tail of zeros; gain~ = sqrt(s) gain, eps~ = s eps, s = kD/E"),
        new("2.8", "Batch normalisation and convolutions", "channels are copied with all their numbers; kernels copy what they write and share out what they read"),
        new("2.10", "Norms of queries and keys", "within heads nothing changes; over all heads at once, heads grow by whole copies"),
        new("3.1", "More heads of the same size", "heads are copied in turn; the output projection's columns are shared among the copies"),
        new("3.3", "Wider heads", "q k^T stays: P_q^T P_k = 1, so one side holds each entry once, with zeros beyond"),
        new("3.4", "Grouped-query attention", "query heads are a product of two axes, and each is copied in turn"),
        new("3.5", "Rotary embeddings", "old pairs keep their frequencies; new ones follow, where keys hold zeros"),
        new("3.11", "Tied embeddings", "the final norm's gain and bias are divided by k, since the tied table counts every copy"),
        new("3.12", "Vocabulary extension", "new rows follow; the old logits stay"),
        new("3.13", "Positions", "new rows follow; the old positions stay"),
        new("3.15", "A constant that multiplies entry by entry", "copies hold the source entry; what meets a zero is free"),
        new("3.17", "Mixtures of experts", "all experts are copied equally often, and a Softmax over m copies gives each an m-th"),
        new("4.1", "New layer that adds nothing, type 1", "what writes the residual stream is zero; everything else is copied"),
        new("4.2", "New layer that adds nothing, type 2", "what writes the residual stream is random over the copies it reads, and sums to exactly zero"),
        new("4.3", "New layer behind a norm at the end of its blocks", "that norm's gain and bias are zero"),
        new("4.4", "New layer behind a Post-LN layer", "a chain of norms equals one: e_1 t^n / K_n = eps, K_i = 1 + t K_(i-1); the last gain is times sqrt(K_n)"),
        new("4.5", "Post-LN width", "E = kD only: the norm before writes zeros where the next one needs the mean"),
        new("5.1", "Why shares differ", "copies with equal shares get equal gradients for ever, so shares are drawn per entry"),
        new("5.2", "A given initialisation, projected", "W~ = Z + (Q W - Z P) P+, the lossless weight nearest to the initialisation Z"),
        new("5.4", "Dead products", "if both factors of a product are zero neither ever learns; exactly one side of a new layer is zero"),
        new("6.1", "Moments of the optimizer", "moments grow by the recipes read the other way: a copy's gradient is its reader's share of the source's"),
        new("6.2", "Entries that have seen no gradient", "mean 0, mean of squares that of the weight; a new weight counts its own steps"),
        new("6.3", "Rates of split columns", "the rate over the number of copies, so that their sum moves as the source column does"),
        new("8.1", "Learned operators", "W~ = R + c B (sum of w_l W_l) A^T, with B, A and w learned from data (lossy)"),
        new("10.1", "Shares that sum exactly", "shares 1..m-1 are random multiples of the entry's last place; the last is the entry minus their sum"),
        new("10.2", "Noise that cancels", "of equal shares s, the copies of a pair hold s + n and s - n"),
        new("L.1", "New units from the layer behind", "a new entry of layer l is that of layer l + 1 (lossy)"),
        new("L.2", "Layers copied as they are", "a new layer is a full copy, its output included (lossy)"),
        new("11.1", "Growth read backwards", "the left inverse of W~ P = Q W: sums over copies that are read, first copies of what is written"),
    }.ToFrozenDictionary(r => r.Number, StringComparer.Ordinal);

    /// <summary>All rules.</summary>
    public static IEnumerable<Rule> All => Rules.Values;

    /// <summary>The rule of a number; one that only refers to the document where the table lacks it.</summary>
    public static Rule Of(string number) => Rules.GetValueOrDefault(number) ?? new Rule(number, "", "see docs/growth-math.md");
}
