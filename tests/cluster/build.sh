# shellcheck shell=bash disable=SC2154  # settings.sh and its caller set the variables
# Builds the binary that holds the Kubernetes components, once, into the user's cache. Sourced.

kube_version=v1.35.4
version_package=k8s.io/component-base/version
kube_flags=(-trimpath -ldflags "-s -w -X $version_package.gitVersion=$kube_version -X $version_package.gitMajor=1 -X $version_package.gitMinor=35")

# Sets KUBE to where the binary for these sources and this Go belongs.
locate_kube() {
  local go_version
  command -v go >/dev/null || die "Go 1.25 or newer is needed to build Kubernetes, and there is no \"go\" in the PATH"
  go_version=$(cd "$here" && go env GOVERSION) || die "Go 1.25 or newer is needed to build Kubernetes"
  [ "$(printf '%s\n' go1.25 "$go_version" | sort -V | head -n 1)" = go1.25 ] || die "Go 1.25 or newer is needed to build Kubernetes, not $go_version"
  KUBE=$cache/kube-$({
    cat "$here"/go.mod "$here"/go.sum "$here"/*.go
    echo "$go_version ${kube_flags[*]}"
  } | sha256sum | cut -c1-16)
}

build() {
  locate_kube
  [ -x "$KUBE" ] && return
  mkdir -p "$cache"
  (
    flock -n 8 || {
      say "another build is under way, waiting for it"
      flock 8
    }
    [ -x "$KUBE" ] || compile
  ) 8>"$cache/build.lock"
}

compile() {
  local temporary=$KUBE.$$.tmp log=$cache/build.log pid
  say "building Kubernetes $kube_version from its Go modules, once: 5 to 7 minutes on 2 cores, 20 s with a warm Go cache"
  SECONDS=0
  (cd "$here" && exec go build -v "${kube_flags[@]}" -o "$temporary" .) >"$log" 2>&1 8>&- &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; rm -f "$temporary"' EXIT
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    ((SECONDS % 15)) || say "$SECONDS s: $(grep -vc '^go: ' "$log") packages compiled of about 2800"
  done
  wait "$pid" || {
    echo "cluster: the build failed; the end of $log:" >&2
    tail -n 20 "$log" >&2
    exit 1
  }
  mv "$temporary" "$KUBE"
  trap - EXIT
  # An older binary may still serve a running cluster: the newest other one stays.
  find "$cache" -maxdepth 1 -name 'kube-????????????????' -type f ! -path "$KUBE" -printf '%T@ %p\n' | sort -rn | tail -n +2 | cut -d' ' -f2 | xargs -r rm -f
  say "built $KUBE in $SECONDS s"
}
