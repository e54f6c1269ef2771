using System.Collections.Frozen;

namespace OnnxGrow.Training.Differentiation;

/// <summary>Operators whose derivative is zero wherever it exists: shapes, comparisons, indices, roundings, what is made of nothing.</summary>
internal static class FlatOperators
{
    public static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
    [
        "And", "ArgMax", "ArgMin", "Bernoulli", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Ceil", "Constant",
        "ConstantOfShape", "Equal", "EyeLike", "Floor", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual",
        "Multinomial", "NonZero", "Not", "OneHot", "Or", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
        "Range", "Round", "Shape", "Sign", "Size", "Unique", "Xor",
    ]);
}
