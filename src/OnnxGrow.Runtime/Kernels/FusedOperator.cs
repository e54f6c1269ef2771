using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxGrow.Runtime.Kernels;

/// <summary>
/// Registers the operator that runs a <see cref="BlockProgram"/> on the CPU: a node of <see cref="Domain"/> with the program as an
/// attribute, float32 tensors in and out.
/// </summary>
internal static unsafe class FusedOperator
{
    /// <summary>The operator's domain.</summary>
    public const string Domain = "onnxgrow.cpu";

    /// <summary>Its name.</summary>
    public const string OpType = "Fused";

    /// <summary>The attribute with the program.</summary>
    public const string Program = "program";

    private const int Float = 1;
    private const int Variadic = 2;
    private const int DefaultMemory = 0;
    private const int LatestVersion = int.MaxValue;

    /// <summary>Lives as long as the process: sessions refer to it.</summary>
    private static readonly Lazy<nint> Registered = new(Create);

    /// <summary>Lets sessions with these options run such nodes.</summary>
    public static void Add(SessionOptions options)
    {
        OrtKernelApi.AddDomain(options.DangerousGetHandle(), Registered.Value);
        GC.KeepAlive(options);
    }

    private static nint Create()
    {
        var custom = (OrtCustomOp*)NativeMemory.AllocZeroed((nuint)sizeof(OrtCustomOp));
        *custom = new OrtCustomOp
        {
            Version = 17,
            GetName = &Name,
            GetExecutionProviderType = &Provider,
            GetInputType = &TypeAt,
            GetInputTypeCount = &Once,
            GetOutputType = &TypeAt,
            GetOutputTypeCount = &Once,
            KernelDestroy = &Destroy,
            GetInputCharacteristic = &ManyAt,
            GetOutputCharacteristic = &ManyAt,
            GetInputMemoryType = &MemoryAt,
            GetVariadicInputMinArity = &One,
            GetVariadicInputHomogeneity = &One,
            GetVariadicOutputMinArity = &One,
            GetVariadicOutputHomogeneity = &One,
            CreateKernelV2 = &CreateKernel,
            KernelComputeV2 = &Compute,
            GetStartVersion = &One,
            GetEndVersion = &Latest,
        };
        nint domain = OrtKernelApi.CreateDomain(Domain);
        OrtKernelApi.Add(domain, custom);
        return domain;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* Name(OrtCustomOp* op) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("Fused\0"u8));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* Provider(OrtCustomOp* op) => null;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int TypeAt(OrtCustomOp* op, nuint index) => Float;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ManyAt(OrtCustomOp* op, nuint index) => Variadic;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int MemoryAt(OrtCustomOp* op, nuint index) => DefaultMemory;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint Once(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int One(OrtCustomOp* op) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Latest(OrtCustomOp* op) => LatestVersion;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CreateKernel(OrtCustomOp* op, nint api, nint info, void** kernel)
    {
        try
        {
            var made = new FusedKernel(BlockProgram.Parse(OrtKernelApi.AttributeOf(info, Program)));
            *kernel = (void*)GCHandle.ToIntPtr(GCHandle.Alloc(made));
            return 0;
        }
        catch (Exception e)
        {
            // Nothing may be thrown through the runtime.
            return OrtKernelApi.Failure($"{OpType}: {e.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Compute(void* kernel, nint context)
    {
        try
        {
            ((FusedKernel)GCHandle.FromIntPtr((nint)kernel).Target!).Run(context);
            return 0;
        }
        catch (Exception e)
        {
            return OrtKernelApi.Failure($"{OpType}: {e.Message}");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Destroy(void* kernel) => GCHandle.FromIntPtr((nint)kernel).Free();
}
