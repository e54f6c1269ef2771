using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace OnnxGrow.Packages.Tests;

/// <summary>
/// What of an assembly others can see: public types with their public and protected members, a line each, in the order of their
/// characters. Whether a reference may be null is left out.
/// </summary>
/// <remarks>
/// Of types that protoc generates (namespace Onnx) only properties and the values of enumerations are listed: they are what the
/// format's description decides. The rest of them (parsers, merging, copies, numbers of fields) is the same for every message and
/// follows from the version of Google.Protobuf, which is pinned.
/// </remarks>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The listing of an assembly, with a line break at its end.</summary>
    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().Where(t => !IsProtobufPlumbing(t)).OrderBy(TypeText.Name, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (string member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"delegate {Return(invoke)} {TypeText.Name(type)}({Parameters(invoke)}){TypeText.Constraints(type.GetGenericArguments())}";
        }

        if (type.IsEnum)
        {
            string flags = type.IsDefined(typeof(FlagsAttribute)) ? "flags " : "";
            return $"{flags}enum {TypeText.Name(type)} : {TypeText.Of(Enum.GetUnderlyingType(type))}";
        }

        string kind = type.IsInterface ? "interface"
            : type.IsValueType ? (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + (IsRecord(type) ? "record " : "") + "struct"
            : (type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (IsRecord(type) ? "record" : "class");
        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        Type[] own = [.. type.GetInterfaces().Except(inherited)];
        Type[] bases =
        [
            .. type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? [parent] : Array.Empty<Type>(),
            .. own.Where(i => i.IsVisible && !own.Any(o => o != i && o.GetInterfaces().Contains(i))).OrderBy(TypeText.Of, StringComparer.Ordinal),
        ];
        return $"{kind} {TypeText.Name(type)}{(bases.Length > 0 ? " : " + TypeText.List(bases) : "")}{TypeText.Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return [];
        }

        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(f => FormattableString.Invariant($"{f.Name} = {Convert.ToDecimal(f.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}"));
        }

        IEnumerable<string> properties = type.GetProperties(Declared).Where(p => IsSeen(p.GetMethod) || IsSeen(p.SetMethod))
            .Where(p => !IsGenerated(p) && !(IsProtobuf(type) && p.Name is "Parser" or "Descriptor")).Select(Property);
        return IsProtobuf(type) ? properties :
        [
            .. properties,
            .. type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly).Select(Field),
            .. type.GetEvents(Declared).Where(e => IsSeen(e.AddMethod)).Select(e => $"{Modifiers(e.AddMethod!)}event {TypeText.Of(e.EventHandlerType!)} {e.Name}"),
            .. type.GetConstructors(Declared).Where(c => IsSeen(c) && !IsGenerated(c)).Select(c => $"{Modifiers(c)}{type.Name.Split('`')[0]}({Parameters(c)})"),
            .. type.GetMethods(Declared).Where(m => IsSeen(m) && !IsGenerated(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))).Select(Method),
        ];
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo shown = IsSeen(property.GetMethod) ? property.GetMethod! : property.SetMethod!;
        string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string setter = property.SetMethod is { } set && IsSeen(set)
            ? (shown == property.GetMethod && Access(set) != Access(shown) ? Access(set) : "")
                + (set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; ")
            : "";
        return $"{Modifiers(shown)}{required}{Return(property.GetMethod, property.PropertyType)} {property.Name}{index} {{ {(IsSeen(property.GetMethod) ? "get; " : "")}{setter}}}";
    }

    private static string Field(FieldInfo field)
    {
        string access = field.IsPublic ? "" : "protected ";
        return field.IsLiteral
            ? $"{access}const {TypeText.Of(field.FieldType)} {field.Name} = {TypeText.Value(field.GetRawConstantValue(), field.FieldType)}"
            : $"{access}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{TypeText.Of(field.FieldType)} {field.Name}";
    }

    private static string Method(MethodInfo method)
    {
        Type[] parameters = method.GetGenericArguments();
        string generic = parameters.Length > 0 ? $"<{TypeText.List(parameters)}>" : "";
        return $"{Modifiers(method)}{Return(method)} {method.Name}{generic}({(method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")}{Parameters(method)}){TypeText.Constraints(parameters)}";
    }

    private static string Return(MethodInfo? method, Type? type = null)
    {
        type ??= method!.ReturnType;
        string reference = !type.IsByRef ? "" : method?.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "InAttribute") == true ? "ref readonly " : "ref ";
        return reference + TypeText.Of(type);
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string way = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params "
            : !parameter.ParameterType.IsByRef ? ""
            : parameter.IsOut ? "out "
            : parameter.IsDefined(typeof(RequiresLocationAttribute)) ? "ref readonly "
            : parameter.IsIn ? "in "
            : "ref ";
        string value = parameter.HasDefaultValue ? " = " + TypeText.Value(parameter.RawDefaultValue, parameter.ParameterType) : "";
        return $"{way}{TypeText.Of(parameter.ParameterType)} {parameter.Name}{value}";
    }

    private static string Modifiers(MethodBase method)
    {
        bool overrides = method is MethodInfo m && m.GetBaseDefinition() != m;
        string kind = method.IsStatic ? (method.IsAbstract ? "static abstract " : "static ")
            : method.DeclaringType!.IsInterface ? (method.IsAbstract ? "" : "virtual ")
            : overrides ? (method.IsFinal ? "sealed " : "") + (method.IsAbstract ? "abstract " : "") + "override "
            : method.IsAbstract ? "abstract "
            : method is { IsVirtual: true, IsFinal: false } ? "virtual "
            : "";
        return Access(method) + kind;
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static bool IsSeen(MethodBase? method) => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsRecord(Type type) =>
        type.GetMethods(Declared).Any(m => m.Name is "<Clone>$" || (type.IsValueType && m.Name == "PrintMembers" && IsGenerated(m)));

    private static bool IsProtobuf(Type type) => type.Namespace == "Onnx" && !type.IsEnum;

    /// <summary>The class about the description's file, and the empty holders of nested types.</summary>
    private static bool IsProtobufPlumbing(Type type) => IsProtobuf(type) && type is { IsAbstract: true, IsSealed: true };
}
