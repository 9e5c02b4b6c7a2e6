namespace SmartCity.Contracts.Tests;

/// <summary>Pages of readings of one store, and of two that have some of the same.</summary>
public sealed class ReadingPageTests
{
    [Fact]
    public void Readings_that_cannot_be_told_apart_are_never_on_two_pages()
    {
        List<StoredReading> readings = [new(1, 1, 1), new(2, 1, 1), new(2, 1, 2), new(3, 1, 1)];
        var page = ReadingPage.Of(readings, 2, false);
        Assert.Equal((3, true), (page.Readings.Count, page.More));
        Assert.Equal((4, false), (ReadingPage.Of(readings, 4, false).Readings.Count, ReadingPage.Of(readings, 4, false).More));
    }

    [Fact]
    public void Paging_through_two_stores_gives_each_reading_once_in_order_whatever_each_of_them_has()
    {
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            var all = Enumerable.Range(0, random.Next(60)).Select(_ => new StoredReading(random.Next(20), random.Next(-1, 3), 1)).DistinctBy(r => r.Mark).OrderBy(r => r.Mark).ToList();
            var (ours, theirs) = (new List<StoredReading>(), new List<StoredReading>());
            foreach (var reading in all)
            {
                var where = random.Next(3);
                if (where != 1) ours.Add(reading);
                if (where != 0) theirs.Add(reading);
            }

            var (limit, read, more) = (random.Next(1, 9), new List<StoredReading>(), true);
            while (more)
            {
                List<StoredReading> Behind(List<StoredReading> store) => [.. store.Where(r => read.Count == 0 || r.Mark > read[^1].Mark)];
                var page = ReadingPage.Union(ReadingPage.Of(Behind(ours), limit, false), ReadingPage.Of(Behind(theirs), limit, false), limit);
                Assert.True(page.Readings.Count > 0 || !page.More);
                read.AddRange(page.Readings);
                more = page.More;
            }

            Assert.Equal(all, read);
        }
    }
}
