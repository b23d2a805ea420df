# Two stages: the toolchain builds a static binary, the image holds only it,
# the CA certificates and an unprivileged user.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=devel
RUN mkdir /data
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/ecs-migrate ./cmd/ecs-migrate

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/ecs-migrate /ecs-migrate
# The store lives here; `store: /data/ecs-migrate.db` in the configuration. For
# probes from outside the container, `listen: 0.0.0.0:9090`.
COPY --from=build --chown=65532:65532 /data /data
VOLUME /data
WORKDIR /data
USER 65532:65532
EXPOSE 9090
# SIGTERM drains running work and ends within 15 s: give it that long.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/ecs-migrate"]
CMD ["run", "--config", "/etc/ecs-migrate/config.yaml"]
