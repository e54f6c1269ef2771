// TorchSharp's namespace ends like this project's own; imported here, its types are known by their short names.
global using TorchSharp;
global using Device = TorchSharp.torch.Device;
global using Functional = TorchSharp.torch.nn.functional;
global using ScalarType = TorchSharp.torch.ScalarType;
global using Tensor = TorchSharp.torch.Tensor;
