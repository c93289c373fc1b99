# shellcheck shell=bash disable=SC2154  # settings.sh and its caller set the variables
# etcd, the API server, the controller manager and the scheduler. Sourced.

start_etcd() {
  local client=http://127.0.0.1:$ETCD_PORT peer=http://127.0.0.1:$((ETCD_PORT + 1))
  start etcd "$KUBE" etcd --data-dir "$STATE/etcd" --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" \
    --unsafe-no-fsync --quota-backend-bytes 8589934592 --log-level warn
}

start_apiserver() {
  local pki=$STATE/pki where
  if [ "$NODE" = 1 ]; then
    # Pods reach it by the bridge's address.
    where=(--advertise-address "$bridge_ip" --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key"
      --kubelet-certificate-authority "$pki/ca.crt" --kubelet-preferred-address-types InternalIP)
  else
    where=(--bind-address 127.0.0.1 --advertise-address 127.0.0.1 --endpoint-reconciler-type none)
  fi
  start apiserver "$KUBE" kube-apiserver --etcd-servers "http://127.0.0.1:$ETCD_PORT" --secure-port "$API_PORT" "${where[@]}" \
    --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$pki/service-accounts.key" \
    --service-account-signing-key-file "$pki/service-accounts.key" --authorization-mode Node,RBAC \
    --service-cluster-ip-range "$service_network" --allow-privileged \
    --enable-admission-plugins NodeRestriction,OwnerReferencesPermissionEnforcement \
    --audit-policy-file "$here/config/audit-policy.yaml" --audit-log-path "$STATE/audit.log" --audit-log-maxsize 1024 --audit-log-maxbackup 1
}

apiserver_is_ready() { kubectl get --raw /readyz; }

start_controllers() {
  start controllers "$KUBE" kube-controller-manager --kubeconfig "$STATE/controllers.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$controllers_port" --cert-dir "$STATE/pki/controllers" --flex-volume-plugin-dir "$STATE/kubelet/volume-plugins" \
    --service-account-private-key-file "$STATE/pki/service-accounts.key" --root-ca-file "$STATE/pki/ca.crt" \
    --use-service-account-credentials --leader-elect=false --kube-api-qps 200 --kube-api-burst 400
}

start_scheduler() {
  start scheduler "$KUBE" kube-scheduler --kubeconfig "$STATE/scheduler.kubeconfig" \
    --bind-address 127.0.0.1 --secure-port "$scheduler_port" --leader-elect=false --kube-api-qps 500 --kube-api-burst 1000
}

scheduler_is_ready() { curl --silent --fail --insecure "https://127.0.0.1:$scheduler_port/readyz"; }

# A pod is refused as long as its namespace has no service account.
service_account_exists() { kubectl get serviceaccount default --namespace default; }

kubectl() { KUBECONFIG=$STATE/admin.kubeconfig "$KUBE" kubectl "$@"; }
