using System.Globalization;
using System.Reflection;

namespace OnnxGrow.Packages.Tests;

/// <summary>Types and values as C# writes them, with full names, so that nothing depends on a file's usings.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(sbyte)] = "sbyte", [typeof(byte)] = "byte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(nint)] = "nint", [typeof(nuint)] = "nuint",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal",
    };

    /// <summary>A type where it is used.</summary>
    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        if (type.IsByRef || type.IsPointer || type.IsArray)
        {
            string suffix = type.IsByRef ? "" : type.IsPointer ? "*" : $"[{new string(',', type.GetArrayRank() - 1)}]";
            return Of(type.GetElementType()!) + suffix;
        }

        return type.IsGenericParameter ? type.Name
            : Nullable.GetUnderlyingType(type) is { } value ? Of(value) + "?"
            : type.IsGenericType && type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true ? $"({List(type.GetGenericArguments())})"
            : Name(type);
    }

    /// <summary>The full name of a type, with its arguments or parameters.</summary>
    public static string Name(Type type)
    {
        Type[] arguments = type.GetGenericArguments();
        Type[] outer = type.DeclaringType?.GetGenericArguments() ?? [];
        string name = type.Name.Split('`')[0];
        if (arguments.Length > outer.Length)
        {
            name += $"<{List(arguments[outer.Length..])}>";
        }

        if (type.DeclaringType is not { } declaring)
        {
            return string.IsNullOrEmpty(type.Namespace) ? name : $"{type.Namespace}.{name}";
        }

        Type bound = outer.Length > 0 && !type.IsGenericTypeDefinition ? declaring.MakeGenericType(arguments[..outer.Length]) : declaring;
        return $"{Name(bound)}.{name}";
    }

    /// <summary>A constant as it stands in the source.</summary>
    public static string Value(object? value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null when type.IsValueType => "default",
            null => "null",
            string s => "\"" + s.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"",
            bool b => b ? "true" : "false",
            char c => FormattableString.Invariant($"'\\u{(int)c:x4}'"),
            _ when type.IsEnum => Enum.GetName(type, value) is { } name ? $"{Name(type)}.{name}" : $"({Name(type)}){Convert.ToDecimal(value, CultureInfo.InvariantCulture)}",
            IFormattable f => f.ToString(value is float or double ? "R" : null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
    }

    /// <summary>What type parameters must be, each as a clause of its own with a space before it.</summary>
    public static string Constraints(Type[] parameters) => string.Concat(parameters.Select(Constraint));

    /// <summary>Types with commas between them.</summary>
    public static string List(IEnumerable<Type> types) => string.Join(", ", types.Select(Of));

    private static string Constraint(Type parameter)
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        bool isValue = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        string[] all =
        [
            .. flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
            .. isValue ? ["struct"] : Array.Empty<string>(),
            .. parameter.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(Of).Order(StringComparer.Ordinal),
            .. flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isValue ? ["new()"] : Array.Empty<string>(),
        ];
        return all.Length == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", all)}";
    }
}
