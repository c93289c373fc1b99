# The container image: operator, command line and stage program, and the libraries that they load. No shell.
#   docker build -t registry.example/atelier:0.1.0 .
FROM debian:bookworm AS build
WORKDIR /src
COPY . .
RUN tools/deps compile
RUN cmake --preset release -D BUILD_TESTING=OFF \
    && tools/build release atelier-operator atelier atelier-stage \
    && tools/image-root /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/usr/bin/atelier-operator"]
