# shellcheck shell=bash disable=SC2154  # settings.sh and its caller set the variables
# The cluster's certificate authority, the components' certificates and their kubeconfigs. Sourced.

certificate_authority() {
  quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=atelier-cluster-ca \
    -keyout "$STATE/pki/ca.key" -out "$STATE/pki/ca.crt"
  quietly openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$STATE/pki/service-accounts.key"
}

certificate() { # name, subject, alternative names
  local base=$STATE/pki/$1
  quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$base.key" -out "$base.csr"
  quietly openssl x509 -req -in "$base.csr" -CA "$STATE/pki/ca.crt" -CAkey "$STATE/pki/ca.key" -CAcreateserial -days 3650 -out "$base.crt" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$3")
}

kubeconfig() { # name, as of its certificate
  cat >"$STATE/$1.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: atelier, cluster: {server: "https://127.0.0.1:$API_PORT", certificate-authority: $STATE/pki/ca.crt}}]
users: [{name: $1, user: {client-certificate: $STATE/pki/$1.crt, client-key: $STATE/pki/$1.key}}]
contexts: [{name: atelier, context: {cluster: atelier, user: $1}}]
current-context: atelier
END
}

quietly() {
  local output
  output=$("$@" 2>&1) || die "failed: $*: $output"
}

make_certificates() {
  certificate_authority
  certificate apiserver /CN=kube-apiserver \
    "IP:127.0.0.1,IP:$service_ip,IP:$bridge_ip,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  certificate admin /O=system:masters/CN=admin DNS:admin
  certificate controllers /CN=system:kube-controller-manager DNS:controllers
  certificate scheduler /CN=system:kube-scheduler DNS:scheduler
  certificate kubelet /O=system:nodes/CN=system:node:node-1 "DNS:node-1,IP:$bridge_ip"
  certificate proxy /CN=system:kube-proxy DNS:proxy
  local name
  for name in admin controllers scheduler kubelet proxy; do kubeconfig "$name"; done
}
