using System.Globalization;

namespace OnnxGrow.Runtime.Kernels;

/// <summary>One step of a <see cref="BlockProgram"/>.</summary>
/// <param name="Operation">What is computed.</param>
/// <param name="A">The register of the first operand.</param>
/// <param name="B">The second's; -1 where there is none.</param>
/// <param name="C">The third's; -1 where there is none.</param>
internal sealed record BlockInstruction(BlockOperation Operation, int A, int B = -1, int C = -1)
{
    /// <summary>The operands.</summary>
    public IEnumerable<int> Operands => new[] { A, B, C }.Where(r => r >= 0);
}

/// <summary>
/// A chain of elementwise operators and of reductions along the last axis, which is computed a block of rows at a time, so that what
/// lies between stays in the processor's cache. Registers are numbered: inputs, constants, then one for each instruction. As text:
/// "in Full Row; const 0.5; Mul 0 2; Add 3 1; out 4".
/// </summary>
internal sealed record BlockProgram
{
    private readonly BlockInput[] _spread;

    /// <param name="inputs">How each input spreads; one is <see cref="BlockInput.Full"/>.</param>
    /// <param name="constants">Numbers.</param>
    /// <param name="instructions">Steps, each with operands from before it.</param>
    /// <param name="outputs">The registers that are given back: results of instructions, each once.</param>
    /// <exception cref="FormatException">Something of that is not so.</exception>
    public BlockProgram(IReadOnlyList<BlockInput> inputs, IReadOnlyList<float> constants, IReadOnlyList<BlockInstruction> instructions, IReadOnlyList<int> outputs)
    {
        Inputs = inputs;
        Constants = constants;
        Instructions = instructions;
        Outputs = outputs;
        _spread = [.. inputs, .. constants.Select(_ => BlockInput.Scalar), .. new BlockInput[instructions.Count]];
        Check(inputs.Contains(BlockInput.Full), "no input is Full");
        for (int i = 0; i < instructions.Count; i++)
        {
            int register = First + i;
            Check(instructions[i].Operands.All(r => r < register) && instructions[i].A >= 0, $"instruction {i} has an operand from after it");
            Check(instructions[i].Operands.Count() == ArityOf(instructions[i].Operation), $"instruction {i} has too few or too many operands");
            _spread[register] = SpreadOf(instructions[i]);
        }

        IsFlat = inputs.All(i => i is BlockInput.Full or BlockInput.Scalar) && instructions.All(i => !IsReduction(i.Operation) && i.Operation != BlockOperation.Softmax);
        Check(outputs.Count > 0 && outputs.Distinct().Count() == outputs.Count, "no output, or one twice");
        Check(outputs.All(o => o >= First && o < _spread.Length && _spread[o] is BlockInput.Full or BlockInput.Row), "an output is no result, or no tensor of rows");
    }

    /// <summary>How each input spreads.</summary>
    public IReadOnlyList<BlockInput> Inputs { get; }

    /// <summary>Numbers.</summary>
    public IReadOnlyList<float> Constants { get; }

    /// <summary>The steps.</summary>
    public IReadOnlyList<BlockInstruction> Instructions { get; }

    /// <summary>The registers that are given back.</summary>
    public IReadOnlyList<int> Outputs { get; }

    /// <summary>The register of the first instruction.</summary>
    public int First => Inputs.Count + Constants.Count;

    /// <summary>Whether rows do not matter: nothing is reduced, and nothing repeats along them.</summary>
    public bool IsFlat { get; }

    /// <summary>How a register spreads.</summary>
    public BlockInput SpreadOf(int register) => _spread[register];

    /// <summary>Reads the text.</summary>
    /// <exception cref="FormatException">It is not such a text.</exception>
    public static BlockProgram Parse(string text)
    {
        var inputs = new List<BlockInput>();
        var constants = new List<float>();
        var instructions = new List<BlockInstruction>();
        var outputs = new List<int>();
        foreach (string[] words in text.Split(';').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            switch (words)
            {
                case ["in", ..]:
                    inputs.AddRange(words.Skip(1).Select(Enum.Parse<BlockInput>));
                    break;
                case ["const", ..]:
                    constants.AddRange(words.Skip(1).Select(w => float.Parse(w, CultureInfo.InvariantCulture)));
                    break;
                case ["out", ..]:
                    outputs.AddRange(words.Skip(1).Select(Register));
                    break;
                case [var operation, var a, .. var more] when more.Length <= 2 && Enum.TryParse(operation, out BlockOperation known):
                    instructions.Add(new BlockInstruction(known, Register(a), more.Length > 0 ? Register(more[0]) : -1, more.Length > 1 ? Register(more[1]) : -1));
                    break;
                default:
                    throw new FormatException($"'{string.Join(' ', words)}' is no instruction");
            }
        }

        return new BlockProgram(inputs, constants, instructions, outputs);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join("; ",
    [
        "in " + string.Join(' ', Inputs),
        .. Constants.Count == 0 ? [] : new[] { "const " + string.Join(' ', Constants.Select(c => c.ToString("R", CultureInfo.InvariantCulture))) },
        .. Instructions.Select(i => $"{i.Operation} {string.Join(' ', i.Operands)}"),
        "out " + string.Join(' ', Outputs),
    ]);

    /// <summary>How many operands an operation has.</summary>
    public static int ArityOf(BlockOperation operation) => operation switch
    {
        <= BlockOperation.Min => 2,
        BlockOperation.Select or BlockOperation.HardSigmoid => 3,
        _ => 1,
    };

    /// <summary>Whether an operation makes one element of a row.</summary>
    public static bool IsReduction(BlockOperation operation) => operation >= BlockOperation.RowSum;

    private BlockInput SpreadOf(BlockInstruction instruction)
    {
        BlockInput[] operands = [.. instruction.Operands.Select(SpreadOf)];
        if (IsReduction(instruction.Operation) || instruction.Operation == BlockOperation.Softmax)
        {
            Check(operands[0] == BlockInput.Full, "what is not Full is reduced");
            return instruction.Operation == BlockOperation.Softmax ? BlockInput.Full : BlockInput.Row;
        }

        Check(instruction.Operation != BlockOperation.HardSigmoid || operands[1..].All(o => o == BlockInput.Scalar), "HardSigmoid's numbers are no scalars");
        Check(operands.Any(o => o != BlockInput.Scalar), "an instruction has scalars only");
        return operands.All(o => o is BlockInput.Row or BlockInput.Scalar) ? BlockInput.Row : BlockInput.Full;
    }

    private static int Register(string word) => int.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture);

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
