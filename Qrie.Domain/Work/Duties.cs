namespace Qrie.Domain.Work;

public static class Duties
{
    /// <summary>Does work if no other replica does it now. Returns false if another does, or took it over meanwhile.</summary>
    /// <param name="work">Gets a token that is cancelled when the duty is lost, too.</param>
    public static async Task<bool> DoAsync(this IReplicas replicas, string name, Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        if (await replicas.TryTakeAsync(name, cancel) is not { } duty)
        {
            return false;
        }

        await using (duty)
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, duty.Lost);
            try
            {
                await work(both.Token);
                return true;
            }
            catch (OperationCanceledException) when (duty.Lost.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                return false; // the other one begins anew
            }
        }
    }
}
