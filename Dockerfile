# Each RUN line is a command that works by itself in a checkout as well.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
# Compiled ahead for the processor of the image: a start takes half the time.
RUN dotnet publish Qrie.Api -c Release -a $TARGETARCH --self-contained false -p:PublishReadyToRun=true -o /out

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# curl: for the health check.
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /out .
RUN mkdir -m 700 /data && chown $APP_UID /data && printf '#!/bin/sh\nexec dotnet /app/Qrie.Api.dll "$@"\n' > /usr/local/bin/qrie && chmod +x /usr/local/bin/qrie
VOLUME /data
USER $APP_UID
# 168 MB for new objects before they are collected: a scan makes many and keeps few (docs/benchmarks.md).
ENV DOTNET_GCgen0size=0xA000000
# Beyond loopback the start is refused until Auth__Mode is apikey, or Auth__AnonymousRole says what callers may do, as in docker-compose.yml.
ENV ASPNETCORE_URLS=http://+:5080 \
    Store__Path=/data/qrie.db
EXPOSE 5080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 CMD curl -fsS http://localhost:5080/health/live || exit 1
ENTRYPOINT ["qrie"]
