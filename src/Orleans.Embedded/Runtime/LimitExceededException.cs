namespace Orleans.Runtime;

/// <summary>A call was refused because too many wait already.</summary>
public sealed class LimitExceededException : OrleansException
{
    public LimitExceededException()
    {
    }

    public LimitExceededException(string message)
        : base(message)
    {
    }

    public LimitExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
