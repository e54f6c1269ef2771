using System.Buffers;

namespace OnnxGrow.Runtime.Kernels;

/// <summary>Runs a <see cref="BlockProgram"/>. It holds nothing of a run, so that threads share it.</summary>
internal sealed unsafe class BlockRunner
{
    /// <summary>Elements of a register: few enough that those of a program stay in the first-level cache.</summary>
    private const int BlockElements = 1024;

    private readonly BlockProgram _program;
    private readonly int[] _outputOf;
    private readonly int[] _lastUse;
    private readonly int[] _slots;
    private readonly int _slotCount;

    public BlockRunner(BlockProgram program)
    {
        _program = program;
        int registers = program.First + program.Instructions.Count;
        _outputOf = Enumerable.Repeat(-1, registers).ToArray();
        for (int o = 0; o < program.Outputs.Count; o++)
        {
            _outputOf[program.Outputs[o]] = o;
        }

        _lastUse = Enumerable.Repeat(-1, registers).ToArray();
        for (int i = 0; i < program.Instructions.Count; i++)
        {
            foreach (int operand in program.Instructions[i].Operands)
            {
                _lastUse[operand] = i;
            }
        }

        (_slots, _slotCount) = SlotsOf();
    }

    /// <summary>How many rows are computed at a time.</summary>
    public static long RowsPerBlock(long n) => Math.Max(1, BlockElements / Math.Max(1, n));

    /// <summary>Computes some rows.</summary>
    /// <param name="inputs">The inputs' elements.</param>
    /// <param name="counts">How many each has.</param>
    /// <param name="outputs">Where the outputs go; one may lie over a Full input.</param>
    /// <param name="n">Elements of a row.</param>
    /// <param name="from">The first row.</param>
    /// <param name="to">Behind the last.</param>
    public void Run(float** inputs, long* counts, float** outputs, long n, long from, long to)
    {
        if (from >= to || n == 0)
        {
            return;
        }

        // Where rows do not matter, a block is one long row.
        bool flat = _program.IsFlat;
        (long first, long end, long step) = flat ? (from * n, to * n, BlockElements) : (from, to, RowsPerBlock(n));
        int width = checked((int)(flat ? Math.Min(BlockElements, end - first) : n * Math.Min(step, end - first)));
        bool[] deferred = Deferred(inputs, outputs);
        float[] scratch = ArrayPool<float>.Shared.Rent(checked((_slotCount + deferred.Count(d => d)) * width));
        try
        {
            fixed (float* slots = scratch)
            {
                var at = new Block(inputs, counts, outputs, slots, width, deferred);
                for (long row = first; row < end; row += step)
                {
                    int rows = (int)Math.Min(step, end - row);
                    at.Move(row, flat ? 1 : rows, flat ? rows : (int)n, flat);
                    Run(ref at);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    private void Run(ref Block at)
    {
        for (int i = 0; i < _program.Instructions.Count; i++)
        {
            BlockInstruction instruction = _program.Instructions[i];
            int register = _program.First + i;
            BlockInput spread = _program.SpreadOf(register);
            var to = new Span<float>(Place(at, register), spread == BlockInput.Row ? at.Rows : at.Rows * at.N);
            Operand a = Read(at, instruction.A), b = Read(at, instruction.B), c = Read(at, instruction.C);
            if (BlockProgram.IsReduction(instruction.Operation) || instruction.Operation == BlockOperation.Softmax)
            {
                BlockMath.Rows(instruction.Operation, a.All(at.Rows * at.N), at.N, to);
            }
            else if (spread == BlockInput.Row || !(a.ByRow || b.ByRow || c.ByRow))
            {
                int count = to.Length;
                BlockMath.Apply(instruction.Operation, a.Whole(count), b.Whole(count), c.Whole(count), to);
            }
            else
            {
                for (int r = 0; r < at.Rows; r++)
                {
                    BlockMath.Apply(instruction.Operation, a.Of(r, at), b.Of(r, at), c.Of(r, at), to.Slice(r * at.N, at.N));
                }
            }
        }

        for (int o = 0, d = 0; o < at.Deferred.Length; o++)
        {
            if (at.Deferred[o])
            {
                new Span<float>(at.Slot(_slotCount + d++), at.Rows * at.N).CopyTo(new Span<float>(at.Outputs[o] + at.Offset, at.Rows * at.N));
            }
        }
    }

    /// <summary>Where a result goes.</summary>
    private float* Place(in Block at, int register)
    {
        int output = _outputOf[register];
        if (output < 0)
        {
            return at.Slot(_slots[register]);
        }

        if (at.Deferred[output])
        {
            return at.Slot(_slotCount + at.Deferred.AsSpan(0, output).Count(true));
        }

        return at.Outputs[output] + (_program.SpreadOf(register) == BlockInput.Row ? at.Row : at.Offset);
    }

    private Operand Read(in Block at, int register)
    {
        if (register < 0)
        {
            return default;
        }

        BlockInput spread = _program.SpreadOf(register);
        int constant = register - _program.Inputs.Count;
        if (constant >= 0 && constant < _program.Constants.Count)
        {
            return new Operand(null, _program.Constants[constant], spread, 0, 0);
        }

        if (constant >= 0)
        {
            return new Operand(Place(at, register), 0, spread, 0, long.MaxValue);
        }

        float* input = at.Inputs[register];
        return spread switch
        {
            BlockInput.Scalar => new Operand(null, *input, spread, 0, 0),
            BlockInput.Row => new Operand(input + at.Row, 0, spread, 0, 0),
            BlockInput.Trailing => new Operand(input, 0, spread, at.Row, at.Counts[register] / at.N),
            _ => new Operand(input + at.Offset, 0, spread, 0, long.MaxValue),
        };
    }

    /// <summary>Outputs that lie over an input which is read after they are computed: they are written when a block is done.</summary>
    private bool[] Deferred(float** inputs, float** outputs)
    {
        bool[] deferred = new bool[_program.Outputs.Count];
        for (int o = 0; o < deferred.Length; o++)
        {
            if (_program.SpreadOf(_program.Outputs[o]) == BlockInput.Row)
            {
                continue;
            }

            for (int i = 0; i < _program.Inputs.Count; i++)
            {
                deferred[o] |= outputs[o] == inputs[i] && _lastUse[i] > _program.Outputs[o] - _program.First;
            }
        }

        return deferred;
    }

    /// <summary>Gives every result that is no output a slot, which is free again behind its last use.</summary>
    private (int[] Slots, int Count) SlotsOf()
    {
        int[] slots = Enumerable.Repeat(-1, _lastUse.Length).ToArray();
        var free = new Stack<int>();
        int count = 0;
        for (int i = 0; i < _program.Instructions.Count; i++)
        {
            int register = _program.First + i;
            if (_outputOf[register] < 0)
            {
                slots[register] = free.Count > 0 ? free.Pop() : count++;
            }

            // A result never lies over its own operands: an operation may read them again.
            foreach (int operand in _program.Instructions[i].Operands.Append(register).Distinct())
            {
                if (slots[operand] >= 0 && _lastUse[operand] <= i)
                {
                    free.Push(slots[operand]);
                }
            }
        }

        return (slots, count);
    }

    /// <summary>What is computed at a time.</summary>
    private ref struct Block(float** inputs, long* counts, float** outputs, float* slots, int width, bool[] deferred)
    {
        public readonly float** Inputs = inputs;
        public readonly long* Counts = counts;
        public readonly float** Outputs = outputs;
        public readonly bool[] Deferred = deferred;

        /// <summary>The first row.</summary>
        public long Row;

        /// <summary>The first element.</summary>
        public long Offset;

        public int Rows;

        /// <summary>Elements of a row.</summary>
        public int N;

        public readonly float* Slot(int slot) => slots + ((long)slot * width);

        public void Move(long row, int rows, int n, bool flat)
        {
            (Rows, N) = (rows, n);
            (Row, Offset) = flat ? (0, row) : (row, row * n);
        }
    }

    /// <summary>An operand of a block.</summary>
    private readonly struct Operand(float* elements, float number, BlockInput spread, long firstRow, long period)
    {
        /// <summary>Whether it differs in shape from what is Full.</summary>
        public bool ByRow => spread is BlockInput.Row or BlockInput.Trailing && elements != null;

        public ReadOnlySpan<float> All(int count) => new(elements, count);

        public BlockValue Whole(int count) => elements == null ? new BlockValue(number) : new BlockValue(new ReadOnlySpan<float>(elements, count));

        public BlockValue Of(int row, in Block at) => elements == null ? new BlockValue(number) : spread switch
        {
            BlockInput.Row => new BlockValue(elements[row]),
            BlockInput.Trailing => new BlockValue(new ReadOnlySpan<float>(elements + ((firstRow + row) % period * at.N), at.N)),
            _ => new BlockValue(new ReadOnlySpan<float>(elements + ((long)row * at.N), at.N)),
        };
    }
}
