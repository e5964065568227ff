# etcd, kube-apiserver, kube-controller-manager and kube-scheduler run on the machine itself, reached by loopback.
# shellcheck shell=bash disable=SC2154

api_up() {
  local etcd=http://127.0.0.1:$etcd_port
  # No fsync: this cluster's data need not outlive a power cut, and every write would wait for the disk.
  daemon etcd "$(built etcd)" --data-dir="$state/etcd" --listen-client-urls="$etcd" --advertise-client-urls="$etcd" \
    --listen-peer-urls="http://127.0.0.1:$etcd_peer_port" --unsafe-no-fsync --log-level=warn
  # The in-flight limits are far above the defaults, so that a benchmark measures the operator and not the API server's queue.
  # Logs and exec find the kubelet by InternalIP: the node's name is in no DNS.
  daemon kube-apiserver "$(built kube-apiserver)" --etcd-servers="$etcd" --bind-address=0.0.0.0 --secure-port="$api_port" \
    --advertise-address="$host_ip" --service-cluster-ip-range="$service_cidr" --allow-privileged=true \
    --tls-cert-file="$state/pki/kube-apiserver.crt" --tls-private-key-file="$state/pki/kube-apiserver.key" \
    --client-ca-file="$state/pki/ca.crt" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --service-account-key-file="$state/pki/service-accounts.pub" --service-account-signing-key-file="$state/pki/service-accounts.key" \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --kubelet-certificate-authority="$state/pki/ca.crt" --kubelet-client-certificate="$state/pki/admin.crt" \
    --kubelet-client-key="$state/pki/admin.key" --kubelet-preferred-address-types=InternalIP \
    --max-requests-inflight=1600 --max-mutating-requests-inflight=800 \
    --audit-policy-file="$state/config/kube-apiserver.audit.yaml" --audit-log-path="$state/logs/audit.log" \
    --audit-log-maxsize=200 --audit-log-maxbackup=2
  ready_or_dead etcd 60 curl_ready "$etcd/health"
  ready_or_dead kube-apiserver 90 kube get --raw /readyz
}
# The API server's clients see connections that break, and then one that is not ready yet. kube-scheduler starts anew with it: it would end itself ("Scheduler cache
# is corrupted") where a pod goes and comes back under its name before it watches again, and here no kubelet would start it.
restart() {
  [[ ${1:-} == kube-apiserver && $# == 1 ]] || die "restart takes kube-apiserver; see --help"
  stop_daemon kube-apiserver
  stop_daemon kube-scheduler
  api_up
  controllers_up
}
curl_ready() { curl --silent --fail --max-time 2 "$1"; }

controllers_up() {
  daemon kube-controller-manager "$(built kube-controller-manager)" --kubeconfig="$state/config/kube-controller-manager.kubeconfig" \
    --leader-elect=false --bind-address=127.0.0.1 --use-service-account-credentials --root-ca-file="$state/pki/ca.crt" \
    --service-account-private-key-file="$state/pki/service-accounts.key" \
    --cluster-signing-cert-file="$state/pki/ca.crt" --cluster-signing-key-file="$state/pki/ca.key" \
    --allocate-node-cidrs --cluster-cidr="$pod_cidr" --node-cidr-mask-size="${pod_cidr#*/}" --service-cluster-ip-range="$service_cidr" \
    --flex-volume-plugin-dir="$state/volume-plugins" --kube-api-qps=300 --kube-api-burst=600
  daemon kube-scheduler "$(built kube-scheduler)" --config="$state/config/kube-scheduler.yaml" --bind-address=127.0.0.1
  ready_or_dead kube-controller-manager 60 curl_ready_tls https://127.0.0.1:10257/healthz
  ready_or_dead kube-scheduler 60 curl_ready_tls https://127.0.0.1:10259/healthz
}
# Their own serving certificates are self-signed and last for one start.
curl_ready_tls() { curl --silent --fail --insecure --max-time 2 "$1"; }
