using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Xunit;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>
/// The strings that tests give to what they test, read from their compiled code: those of a test's body and data, where the
/// body, or a method of its class that it calls, uses one of the given types. Tests are read and not recorded while they run,
/// so that running only some of them changes nothing.
/// </summary>
internal static class TestedNames
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodes =
        typeof(OpCodes).GetFields().Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    /// <summary>The strings of all tests of an assembly that use one of some types.</summary>
    public static HashSet<string> Of(Assembly assembly, params Type[] used)
    {
        var result = new HashSet<string>(StringComparer.Ordinal);
        foreach (MethodInfo test in assembly.GetTypes().SelectMany(t => t.GetMethods(Own)).Where(m => m.IsDefined(typeof(FactAttribute))))
        {
            var read = new HashSet<MethodBase>();
            var strings = new List<string>();
            if (Read(test, used, read, strings))
            {
                result.UnionWith(strings);
                result.UnionWith(Data(test, used));
            }
        }

        return result;
    }

    private static List<string> Data(MethodInfo test, Type[] used)
    {
        var strings = new List<string>();
        foreach (CustomAttributeData data in test.GetCustomAttributesData())
        {
            if (data.AttributeType == typeof(InlineDataAttribute))
            {
                var values = (IEnumerable<CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!;
                strings.AddRange(values.Select(v => v.Value).OfType<string>());
            }
            else if (data.AttributeType == typeof(MemberDataAttribute)
                && test.DeclaringType!.GetProperty((string)data.ConstructorArguments[0].Value!, Own)?.GetMethod is { } getter)
            {
                Read(getter, used, [], strings);
            }
        }

        return strings;
    }

    /// <summary>Reads a method and those of its class that it calls or makes delegates of; whether one of the types is used.</summary>
    private static bool Read(MethodBase method, Type[] used, HashSet<MethodBase> read, List<string> strings)
    {
        bool uses = false;
        if (!read.Add(method) || method.GetMethodBody()?.GetILAsByteArray() is not { } code)
        {
            return uses;
        }

        for (int at = 0; at < code.Length;)
        {
            OpCode op = code[at] == 0xFE ? OpCodes[(short)(0xFE00 | code[at + 1])] : OpCodes[code[at]];
            at += op.Size;
            if (op.OperandType == OperandType.InlineString)
            {
                strings.Add(method.Module.ResolveString(BitConverter.ToInt32(code, at)));
            }
            else if (op.OperandType == OperandType.InlineMethod
                && method.Module.ResolveMethod(BitConverter.ToInt32(code, at), TypeArguments(method), MethodArguments(method)) is { } called)
            {
                uses |= used.Contains(called.DeclaringType) || (IsOf(called, method) && Read(called, used, read, strings));
            }

            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }

        return uses;
    }

    /// <summary>Whether a method is of another's class, or of what the compiler made of that one's lambdas.</summary>
    private static bool IsOf(MethodBase called, MethodBase caller) => Written(called.DeclaringType) is { } type && type == Written(caller.DeclaringType);

    private static Type? Written(Type? type) =>
        type is { DeclaringType: { } outer } && type.IsDefined(typeof(CompilerGeneratedAttribute)) ? Written(outer) : type;

    private static Type[]? TypeArguments(MethodBase method) => method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;

    private static Type[]? MethodArguments(MethodBase method) => method.IsGenericMethod ? method.GetGenericArguments() : null;
}
