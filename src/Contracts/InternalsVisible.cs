using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Contracts.Tests")]
