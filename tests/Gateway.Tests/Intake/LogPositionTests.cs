namespace SmartCity.Gateway.Tests;

public sealed class LogPositionTests
{
    [Theory]
    [InlineData(-1, 0)] // before the first record
    [InlineData(0, 0)]
    [InlineData(4095, 0)]
    public void Before_the_first_record_is_sequence_0(long position, long sequence) => Assert.Equal(sequence, LogPosition.SequenceThrough(position));

    [Fact]
    public void A_record_counts_as_done_only_with_its_last_object()
    {
        foreach (var sequence in new long[] { 1, 2, 1000, 1L << 40 })
        {
            Assert.Equal(sequence, LogPosition.SequenceThrough(LogPosition.Through(sequence)));
            Assert.Equal(sequence - 1, LogPosition.SequenceThrough(LogPosition.Of(sequence, 0) - 1));
            Assert.Equal(sequence - 1, LogPosition.SequenceThrough(LogPosition.Of(sequence, LogPosition.MaxOrdinals - 2)));
            Assert.True(LogPosition.Of(sequence, LogPosition.MaxOrdinals - 1) < LogPosition.Of(sequence + 1, 0));
        }
    }
}
