# shellcheck shell=bash disable=SC2154  # settings.sh and its caller set the variables
# The node: a bridge, containerd with runc, the kubelet and the service proxy. Sourced.

check_node_is_possible() {
  local owner program
  [ "$(id -u)" = 0 ] || die "a cluster with a node needs root; NODE=0 gives the API server alone"
  for program in containerd ctr runc docker-registry iptables conntrack ip busybox; do
    command -v "$program" >/dev/null || die "\"$program\" is missing; Debian packages: containerd runc containernetworking-plugins docker-registry iptables conntrack iproute2 busybox-static"
  done
  owner=$(bridge_owner)
  if [ -n "$owner" ] && [ "$owner" != "$STATE" ] && [ -f "$owner/settings" ]; then
    die "a machine holds one cluster with a node, and $owner has it: stop that one first (ATELIER_CLUSTER_STATE=$owner $0 down)"
  fi
}

# The bridge's alias names the state folder that it belongs to.
bridge_owner() { cat "/sys/class/net/$bridge/ifalias" 2>/dev/null || true; }

make_bridge() {
  ip link add "$bridge" type bridge 2>/dev/null || true
  ip link set "$bridge" alias "$STATE"
  ip address replace "$bridge_ip/16" dev "$bridge"
  ip link set "$bridge" up
  cat >"$STATE/cni/10-bridge.conflist" <<END
{"cniVersion": "1.0.0", "name": "atelier", "plugins": [
  {"type": "bridge", "bridge": "$bridge", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$STATE/ipam", "ranges": [[{"subnet": "$pod_network"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
END
}

start_containerd() {
  mkdir -p "$STATE/registries/registry.local"
  # Manifests may name a registry that does not exist here: what they find is in the local one.
  printf '[host."http://127.0.0.1:%s"]\n  capabilities = ["pull", "resolve"]\n' "$REGISTRY_PORT" >"$STATE/registries/registry.local/hosts.toml"
  cat >"$STATE/containerd.toml" <<END
version = 2
root = "$STATE/containerd/root"
state = "$STATE/containerd/state"
[grpc]
  address = "$STATE/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$STATE/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$sandbox_image"
  netns_mounts_under_state_dir = true
  # A sandbox without CAP_SYS_RESOURCE may not lower its OOM score.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$STATE/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$STATE/registries"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      Root = "$STATE/containerd/runc"
END
  start containerd containerd -c "$STATE/containerd.toml"
}

containerd_client() { ctr --address "$STATE/containerd/containerd.sock" --namespace k8s.io "$@"; }

# The kubelet's half of it comes last, and a kubelet that starts before it fails.
runtime_serves() { # size of the log before the start
  grep -q "Start streaming server" <(tail --bytes "+$(($1 + 1))" "$STATE/log/containerd.log")
}

# No pause image is at hand: a busybox that sleeps holds a pod's namespaces as well.
import_sandbox_image() {
  image busybox "$sandbox_image" --archive "$STATE/sandbox.tar" >/dev/null
  containerd_client image import "$STATE/sandbox.tar" >/dev/null
  containerd_client image label "$sandbox_image" io.cri-containerd.pinned=pinned >/dev/null
}

start_kubelet() {
  cat >"$STATE/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $bridge_ip
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $STATE/pki/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$STATE/containerd/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
clusterDNS: [$dns_ip]
clusterDomain: cluster.local
tlsCertFile: $STATE/pki/kubelet.crt
tlsPrivateKeyFile: $STATE/pki/kubelet.key
podLogsDir: $STATE/pod-logs
volumePluginDir: $STATE/kubelet/volume-plugins
maxPods: 250
serializeImagePulls: false
registryPullQPS: 0
eventRecordQPS: 0
kubeAPIQPS: 200
kubeAPIBurst: 400
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%}
enforceNodeAllocatable: []
localStorageCapacityIsolation: false
END
  start kubelet "$KUBE" kubelet --config "$STATE/kubelet.yaml" --kubeconfig "$STATE/kubelet.kubeconfig" \
    --hostname-override node-1 --node-ip "$bridge_ip" --root-dir "$STATE/kubelet" --cert-dir "$STATE/kubelet/pki"
}

start_proxy() {
  start proxy "$KUBE" kube-proxy --kubeconfig "$STATE/proxy.kubeconfig" --hostname-override node-1 --cluster-cidr "$pod_network" \
    --proxy-mode iptables --healthz-bind-address 127.0.0.1:10256 --conntrack-max-per-core 0
}

# Names of services. It watches what the service proxy watches, under the same role.
start_dns() {
  start dns "$KUBE" dns --kubeconfig "$STATE/proxy.kubeconfig" --listen "$bridge_ip:1053"
  kubectl apply --filename - >/dev/null <<END
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  clusterIP: $dns_ip
  ports: [{name: dns, port: 53, targetPort: 1053, protocol: UDP}, {name: dns-tcp, port: 53, targetPort: 1053, protocol: TCP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns}}
addressType: IPv4
ports: [{name: dns, port: 1053, protocol: UDP}, {name: dns-tcp, port: 1053, protocol: TCP}]
endpoints: [{addresses: [$bridge_ip]}]
END
}

node_is_ready() { [ "$(kubectl get node node-1 --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')" = True ]; }

# The node's condition outlives its kubelet by 40 s.
kubelet_answers() { python3 -c "import urllib.request as r; r.urlopen('http://127.0.0.1:10248/healthz', timeout=2)"; }
