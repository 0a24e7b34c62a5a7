using Qrie.Api.WebConsole;

namespace Qrie.Api.Hosting;

/// <summary>Swagger UI. The page contains no data and is public; the document it loads is protected like the rest of the API.</summary>
internal static class SwaggerPage
{
    private const string KeyScript = "/swagger/key.js";

    /// <summary>Asks for a key if one is required, and sends it with every request of the page until the tab is closed.</summary>
    private const string Script =
        """
        (() => {
          const name = 'qrie-api-key', real = window.fetch.bind(window);
          const send = (input, init) => {
            const request = new Request(input, init), key = sessionStorage.getItem(name);
            if (key && new URL(request.url).origin === location.origin && !request.headers.has('authorization') && !request.headers.has('x-api-key')) {
              request.headers.set('x-api-key', key);
            }
            return real(request);
          };
          window.fetch = async (input, init) => {
            let answer = await send(input, init);
            while (answer.status === 401 && new URL(answer.url).pathname.startsWith('/openapi/')) {
              const key = window.prompt('API key of Qrie (qrie_…)');
              if (!key) break;
              sessionStorage.setItem(name, key.trim());
              answer = await send(input, init);
            }
            return answer;
          };
        })();
        """;

    public static void UseSwaggerPage(this WebApplication app)
    {
        app.UseSwaggerUI(o =>
        {
            o.SwaggerEndpoint("/openapi/v1.json", "Qrie");
            o.InjectJavascript(KeyScript);
        });
    }

    public static void MapSwaggerPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", () => Results.Redirect(ConsoleHosting.Path)).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet(KeyScript, () => Results.Text(Script, "text/javascript; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
    }
}
