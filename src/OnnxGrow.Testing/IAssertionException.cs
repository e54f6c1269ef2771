using System.Diagnostics.CodeAnalysis;

namespace OnnxGrow.Testing;

/// <summary>Marks an exception as a failed assertion. xunit looks for an interface of this name, in any namespace.</summary>
[SuppressMessage("Design", "CA1040:Avoid empty interfaces", Justification = "xunit looks for the interface itself.")]
public interface IAssertionException;
