using Qrie.Domain.Access;

namespace Qrie.Tests.Stores;

public abstract class RefusedLoginContract : StoreContract
{
    [Fact]
    public async Task Counts_add_up_by_day_and_reason()
    {
        var (one, two) = (new DateOnly(2026, 11, 20), new DateOnly(2026, 11, 21));
        await Stores.RefusedLogins.AddAsync([new(one, KeyRefusal.Unknown, 9), new(two, KeyRefusal.Unknown, 3), new(two, KeyRefusal.Expired, 1)], None);
        await Stores.RefusedLogins.AddAsync([new(two, KeyRefusal.Unknown, 4)], None);

        (await Stores.RefusedLogins.ListAsync(two, None)).ShouldBe([new(two, KeyRefusal.Expired, 1), new(two, KeyRefusal.Unknown, 7)]);
    }
}
