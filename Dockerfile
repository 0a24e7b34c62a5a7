# Each RUN line is a command that works by itself in a checkout as well.
# For both processors, with an SBOM: docker buildx build --platform linux/amd64,linux/arm64 --sbom=true --provenance=true -t qrie .
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
# Compiled ahead for the processor of the image: a start takes half the time.
RUN dotnet publish Qrie.Api -c Release -a $TARGETARCH --self-contained false -p:PublishReadyToRun=true -o /out
# The image has no shell to do this with. Quiet hours and the console need the time zones.
RUN mkdir -p /root-of-image/data /root-of-image/bin && chmod 700 /root-of-image/data && ln -s /app/Qrie.Api /root-of-image/bin/qrie \
    && cp -r /usr/share/zoneinfo /root-of-image/zoneinfo

# Without shell and package manager, and without ICU: texts are compared by code points.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
LABEL org.opencontainers.image.title="Qrie" \
      org.opencontainers.image.description="AWS security posture of many accounts"
WORKDIR /app
COPY --from=build /out .
COPY --from=build /root-of-image/bin /usr/local/bin
COPY --from=build /root-of-image/zoneinfo /usr/share/zoneinfo
COPY --from=build --chown=$APP_UID:$APP_UID /root-of-image/data /data
VOLUME /data
USER $APP_UID
# 168 MB for new objects before they are collected: a scan makes many and keeps few (docs/benchmarks.md).
ENV DOTNET_GCgen0size=0xA000000
# Beyond loopback the start is refused until Auth__Mode is apikey or oidc, or Auth__AnonymousRole says what callers may do, as in docker-compose.yml.
# Without diagnostics nothing is written outside of /data: the root file system may be read-only.
ENV ASPNETCORE_URLS=http://+:5080 \
    DOTNET_EnableDiagnostics=0 \
    Store__Path=/data/qrie.db
EXPOSE 5080
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["qrie", "health"]
ENTRYPOINT ["qrie"]
