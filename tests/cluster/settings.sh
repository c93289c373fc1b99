# shellcheck shell=bash disable=SC2034  # the settings are used by the files that are sourced after this one
# Folders, addresses and ports of the cluster. Sourced.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/atelier
bridge=atelier0
pod_network=10.213.0.0/16
bridge_ip=10.213.0.1
service_network=10.214.0.0/16
service_ip=10.214.0.1
dns_ip=10.214.0.10
sandbox_image=atelier.local/sandbox:1

case ${NODE:-1} in
0) default_state=$cache/apiserver ;;
1) default_state=$cache/cluster ;;
*)
  echo "cluster: NODE is 0 (the API server alone) or 1, not \"$NODE\"" >&2
  exit 2
  ;;
esac
STATE=$(realpath -m -- "${ATELIER_CLUSTER_STATE:-$default_state}")
case $STATE in
/ | *[!A-Za-z0-9/._-]*)
  echo "cluster: the state folder \"$STATE\" must not be / and only hold letters, digits, \".\", \"_\" and \"-\" in its names" >&2
  exit 2
  ;;
esac

unset API_PORT ETCD_PORT REGISTRY_PORT KUBE
if [ -f "$STATE/settings" ]; then
  # What the cluster in this folder was started with.
  wanted_node=${NODE:-}
  # shellcheck source=/dev/null
  source "$STATE/settings"
  if [ -n "$wanted_node" ] && [ "$wanted_node" != "$NODE" ]; then
    echo "cluster: $STATE holds a cluster with NODE=$NODE; choose another folder for NODE=$wanted_node (ATELIER_CLUSTER_STATE is \"${ATELIER_CLUSTER_STATE:-}\")" >&2
    exit 2
  fi
fi

# The API server alone has its own ports, so that it can run beside a cluster with a node.
NODE=${NODE:-1}
if [ "$NODE" = 1 ]; then
  components=(etcd registry apiserver containerd controllers scheduler kubelet proxy dns)
  API_PORT=${API_PORT:-${ATELIER_API_PORT:-16443}}
  ETCD_PORT=${ETCD_PORT:-${ATELIER_ETCD_PORT:-12379}}
  controllers_port=$((10257 + API_PORT - 16443)) scheduler_port=$((10259 + API_PORT - 16443))
else
  components=(etcd apiserver controllers scheduler)
  API_PORT=${API_PORT:-${ATELIER_API_PORT:-17443}}
  ETCD_PORT=${ETCD_PORT:-${ATELIER_ETCD_PORT:-13379}}
  controllers_port=$((11257 + API_PORT - 17443)) scheduler_port=$((11259 + API_PORT - 17443))
fi
REGISTRY_PORT=${REGISTRY_PORT:-${ATELIER_REGISTRY_PORT:-5000}}
KUBE=${KUBE:-} # the binary with the components

save_settings() {
  printf '%s=%q\n' NODE "$NODE" API_PORT "$API_PORT" ETCD_PORT "$ETCD_PORT" REGISTRY_PORT "$REGISTRY_PORT" KUBE "$KUBE" >"$STATE/settings"
}

address_of() { # component
  case $1 in
  etcd) echo "127.0.0.1:$ETCD_PORT" ;;
  registry) echo "127.0.0.1:$REGISTRY_PORT" ;;
  apiserver) echo "127.0.0.1:$API_PORT" ;;
  controllers) echo "127.0.0.1:$controllers_port" ;;
  scheduler) echo "127.0.0.1:$scheduler_port" ;;
  kubelet) echo "$bridge_ip:10250" ;;
  proxy) echo "127.0.0.1:10256" ;;
  dns) echo "$bridge_ip:1053" ;;
  containerd) echo "$STATE/containerd/containerd.sock" ;;
  esac
}
