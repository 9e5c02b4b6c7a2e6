using Microsoft.CodeAnalysis;

namespace Orleans.Generator;

[Generator]
public sealed class GrainGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
    }
}
