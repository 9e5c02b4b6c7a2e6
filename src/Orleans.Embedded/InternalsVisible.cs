using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Orleans.Embedded.Tests")]
