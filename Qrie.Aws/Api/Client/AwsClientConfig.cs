using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Util.Internal;

namespace Qrie.Aws.Api.Client;

/// <summary>Switches off everything that the engine does itself.</summary>
internal sealed class AwsClientConfig : ClientConfig
{
    private static readonly string _userAgent = InternalSDKUtils.BuildUserAgentString("Qrie", typeof(AwsClientConfig).Assembly.GetName().Version!.ToString(3));

    /// <param name="options">Time-outs.</param>
    /// <param name="network">Replaces the network in tests; null for the network.</param>
    public AwsClientConfig(AwsApiOptions options, HttpMessageHandler? network = null)
        : base(new Defaults(options.ConnectTimeout))
    {
        ServiceId = "Qrie";
        AuthenticationServiceName = "qrie";
        RegionEndpoint = RegionEndpoint.USEast1;
        IgnoreConfiguredEndpointUrls = true;
        MaxErrorRetry = 0;
        DisableLogging = true;
        LogMetrics = false;
        AllowAutoRedirect = false;
        Timeout = System.Threading.Timeout.InfiniteTimeSpan;
        HttpClientFactory = new Connections(options, network);
    }

    public override string ServiceVersion => "1";

    public override string UserAgent => _userAgent;

    public override string RegionEndpointServiceName => "qrie";

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        throw new NotSupportedException("the endpoint is part of the request");

    private sealed class Defaults(TimeSpan connectTimeout) : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration
            {
                Name = DefaultConfigurationMode.Standard,
                RetryMode = RequestRetryMode.Standard,
                ConnectTimeout = connectTimeout,
                TlsNegotiationTimeout = connectTimeout,
            };
    }

    /// <summary>One connection pool for all calls. Connections have a limited lifetime, so that a changed endpoint address is noticed.</summary>
    private sealed class Connections(AwsApiOptions options, HttpMessageHandler? network) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(network ?? new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
        })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
