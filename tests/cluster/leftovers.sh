# shellcheck shell=bash disable=SC2154  # settings.sh and its caller set the variables
# Removes what a node leaves outside of its processes: containers, mounts, network, files. Sourced.
# Each of these finds by itself what is there, so that they also clean up after a crash or a reboot.

shims() {
  ps -eo pid=,args= | awk -v socket="$STATE/containerd/containerd.sock" '/[c]ontainerd-shim/ && index($0, socket) {print $1}'
}

# A container's processes are those in a control group that bears its id.
container_processes() {
  local tasks=$STATE/containerd/state/io.containerd.runtime.v2.task/k8s.io ids
  ids=$(find "$tasks" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null | grep -E '^[0-9a-f]{64}$') || return 0
  grep -lsF "$ids" /proc/[0-9]*/cgroup | cut -d/ -f3 || true
}

kill_containers() {
  local processes tries=0
  find "$STATE/containerd/state" -name address -type f -exec sed 's,^unix://,,' {} + 2>/dev/null | grep '^/run/containerd/s/' | xargs -r rm -f || true
  while processes=$({ shims; container_processes; } | sort -u) && [ -n "$processes" ]; do
    ((tries++ < 100)) || die "these processes of the cluster's containers do not stop: $(xargs <<<"$processes")"
    xargs -r kill -KILL <<<"$processes" 2>/dev/null || true
    sleep 0.05
  done
}

mounts() { awk -v state="$STATE/" 'index($5, state) == 1 {print $5}' /proc/self/mountinfo | sort -r; }

unmount_all() {
  local point
  while read -r point; do umount "$point" 2>/dev/null || umount --lazy "$point" || true; done < <(mounts)
}

remove_network() {
  local owner link tool table rules
  owner=$(bridge_owner)
  [ -n "$owner" ] && [ "$owner" != "$STATE" ] && return
  if [ -e "/sys/class/net/$bridge" ]; then
    for link in $(ip -o link show master "$bridge" | awk -F'[ @:]+' '{print $2}'); do ip link delete "$link" 2>/dev/null || true; done
    ip link delete "$bridge"
  fi
  for tool in iptables ip6tables; do
    command -v "$tool" >/dev/null || continue
    for table in mangle nat filter; do
      rules=$("$tool-save" --table "$table" 2>/dev/null) || continue
      if grep -q KUBE- <<<"$rules"; then sed '/KUBE-/d' <<<"$rules" | "$tool-restore" --table "$table"; fi
    done
  done
}

remove_files_elsewhere() {
  find /var/log/containers -lname "$STATE/*" -delete 2>/dev/null || true
  grep -lsF "$STATE/" /var/lib/cni/results/* | xargs -r rm -f || true
  rm -f /var/lib/kubelet/device-plugins/kubelet.sock
  rmdir --ignore-fail-on-non-empty --parents /var/lib/cni/results /var/lib/kubelet/device-plugins /var/log/containers /run/containerd/s 2>/dev/null || true
  find /sys/fs/cgroup -depth -type d -path '*/kubepods*' -exec rmdir {} + 2>/dev/null || true
}

# Removes the cluster's data. The logs stay, for who wants to know what happened.
remove_state() {
  [ -d "$STATE" ] || return 0
  # A mount could lead into folders that belong to the user.
  [ -z "$(mounts)" ] || die "still mounted: $(mounts | xargs)"
  (cd "$STATE" && rm -rf pki etcd registry registry.yaml registries containerd containerd.toml sandbox.tar kubelet kubelet.yaml \
    cni ipam pod-logs bin pid settings ./*.kubeconfig)
}

remove_leftovers() {
  if [ "$NODE" = 1 ] && [ "$(id -u)" = 0 ]; then
    kill_containers
    unmount_all
    remove_network
    remove_files_elsewhere
  fi
  remove_state
}
