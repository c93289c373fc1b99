# shellcheck shell=bash disable=SC2154  # settings.sh and its caller set the variables
# The image registry (Debian's docker-registry) and the images that the cluster brings. Sourced.

start_registry() {
  cat >"$STATE/registry.yaml" <<END
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $STATE/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$REGISTRY_PORT"}
END
  start registry env OTEL_TRACES_EXPORTER=none docker-registry serve "$STATE/registry.yaml"
}

registry_answers() { python3 -c "import urllib.request as r; r.urlopen('http://127.0.0.1:$REGISTRY_PORT/v2/', timeout=2)"; }

image() { python3 -B "$here/images/build.py" --registry "127.0.0.1:$REGISTRY_PORT" --cache "$cache/images" "$@"; }

push_images() {
  image busybox busybox:1 && image python python:3.11
}
