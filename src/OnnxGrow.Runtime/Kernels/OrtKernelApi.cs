using System.Text;

namespace OnnxGrow.Runtime.Kernels;

/// <summary>The part of ONNX Runtime's C interface that operators of one's own are made and run with.</summary>
internal static unsafe class OrtKernelApi
{
    private const int Failed = 1;

    // Positions in the table of functions.
    private const int CreateStatus = 0;
    private const int CreateCustomOpDomain = 26;
    private const int CustomOpDomainAdd = 27;
    private const int AddCustomOpDomain = 28;
    private const int GetTensorMutableData = 51;
    private const int GetDimensionsCount = 61;
    private const int GetDimensions = 62;
    private const int GetTensorTypeAndShape = 65;
    private const int KernelInfoGetAttributeString = 87;
    private const int KernelContextGetInput = 90;
    private const int KernelContextGetOutput = 91;
    private const int ReleaseTensorTypeAndShapeInfo = 99;
    private const int KernelContextParallelFor = 274;

    private static readonly nint* Api = OrtApi.Functions;

    /// <summary>Makes a domain of operators.</summary>
    public static nint CreateDomain(string name)
    {
        nint domain;
        fixed (byte* utf8 = Encoding.UTF8.GetBytes(name + '\0'))
        {
            Check(((delegate* unmanaged[Cdecl]<byte*, nint*, nint>)Api[CreateCustomOpDomain])(utf8, &domain));
        }

        return domain;
    }

    /// <summary>Adds an operator to a domain.</summary>
    public static void Add(nint domain, OrtCustomOp* custom) => Check(((delegate* unmanaged[Cdecl]<nint, OrtCustomOp*, nint>)Api[CustomOpDomainAdd])(domain, custom));

    /// <summary>Adds a domain to a session's options.</summary>
    public static void AddDomain(nint options, nint domain) => Check(((delegate* unmanaged[Cdecl]<nint, nint, nint>)Api[AddCustomOpDomain])(options, domain));

    /// <summary>A status that says what has failed.</summary>
    public static nint Failure(string message)
    {
        fixed (byte* utf8 = Encoding.UTF8.GetBytes(message + '\0'))
        {
            return ((delegate* unmanaged[Cdecl]<int, byte*, nint>)Api[CreateStatus])(Failed, utf8);
        }
    }

    /// <summary>A node's attribute of text.</summary>
    public static string AttributeOf(nint info, string name)
    {
        var get = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nuint*, nint>)Api[KernelInfoGetAttributeString];
        nuint size = 0;
        fixed (byte* utf8 = Encoding.UTF8.GetBytes(name + '\0'))
        {
            Check(get(info, utf8, null, &size));
            byte[] text = new byte[size];
            fixed (byte* to = text)
            {
                Check(get(info, utf8, to, &size));
            }

            return Encoding.UTF8.GetString(text).TrimEnd('\0');
        }
    }

    /// <summary>An input of a running node.</summary>
    public static nint Input(nint context, int index)
    {
        nint value;
        Check(((delegate* unmanaged[Cdecl]<nint, nuint, nint*, nint>)Api[KernelContextGetInput])(context, (nuint)index, &value));
        return value;
    }

    /// <summary>An output of a running node.</summary>
    public static nint Output(nint context, int index, ReadOnlySpan<long> dims)
    {
        nint value;
        fixed (long* extents = dims)
        {
            Check(((delegate* unmanaged[Cdecl]<nint, nuint, long*, nuint, nint*, nint>)Api[KernelContextGetOutput])(context, (nuint)index, extents, (nuint)dims.Length, &value));
        }

        return value;
    }

    /// <summary>A tensor's elements.</summary>
    public static float* DataOf(nint value)
    {
        float* data;
        Check(((delegate* unmanaged[Cdecl]<nint, float**, nint>)Api[GetTensorMutableData])(value, &data));
        return data;
    }

    /// <summary>A tensor's extents.</summary>
    public static long[] DimsOf(nint value)
    {
        nint shape;
        Check(((delegate* unmanaged[Cdecl]<nint, nint*, nint>)Api[GetTensorTypeAndShape])(value, &shape));
        try
        {
            nuint rank;
            Check(((delegate* unmanaged[Cdecl]<nint, nuint*, nint>)Api[GetDimensionsCount])(shape, &rank));
            long[] dims = new long[rank];
            fixed (long* to = dims)
            {
                Check(((delegate* unmanaged[Cdecl]<nint, long*, nuint, nint>)Api[GetDimensions])(shape, to, rank));
            }

            return dims;
        }
        finally
        {
            ((delegate* unmanaged[Cdecl]<nint, void>)Api[ReleaseTensorTypeAndShapeInfo])(shape);
        }
    }

    /// <summary>Runs something several times on the session's threads, and waits for it.</summary>
    public static void For(nint context, delegate* unmanaged[Cdecl]<void*, nuint, void> body, int times, void* data) =>
        Check(((delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<void*, nuint, void>, nuint, nuint, void*, nint>)Api[KernelContextParallelFor])(context, body, (nuint)times, 0, data));

    private static void Check(nint status)
    {
        if (status != 0)
        {
            throw new NotVerifiedException(ErrorCode.Runtime, "ONNX Runtime refused a call of an operator of OnnxGrow's own");
        }
    }
}
