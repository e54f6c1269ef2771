namespace OnnxGrow.Certificate;

/// <summary>Something that the certificate found not to hold.</summary>
/// <param name="Tensor">The tensor of the grown file that it is about; null where it is about the graph.</param>
/// <param name="Text">What does not hold, in a line that names the tensor.</param>
public sealed record CertificateFault(string? Tensor, string Text);
