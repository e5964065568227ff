# One certificate authority, a certificate for each component, and kubeconfigs that hold them.
# shellcheck shell=bash disable=SC2154

# As kubeadm's default: RSA, 2048 bits.
new_key() { openssl genrsa -out "$1" 2048; }

# certificate FILE SUBJECT [SUBJECT-ALT-NAMES]
certificate() {
  local file=$state/pki/$1
  [[ -e $file.crt ]] && return
  new_key "$file.key"
  openssl req -new -key "$file.key" -subj "$2" -out "$file.csr"
  openssl x509 -req -in "$file.csr" -CA "$state/pki/ca.crt" -CAkey "$state/pki/ca.key" -CAcreateserial -days 3650 -out "$file.part" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "${3:-DNS:localhost}")
  mv "$file.part" "$file.crt"
}

# write_kubeconfig FILE CERTIFICATE SERVER
write_kubeconfig() {
  sed -e "s|@NAME@|$name|g" -e "s|@SERVER@|https://$3:$api_port|" -e "s|@CA@|$(base64 -w0 "$state/pki/ca.crt")|" \
    -e "s|@CERTIFICATE@|$(base64 -w0 "$state/pki/$2.crt")|" -e "s|@KEY@|$(base64 -w0 "$state/pki/$2.key")|" \
    "$testbed/config/kubeconfig.yaml" >"$1.part"
  mv "$1.part" "$1"
}

write_configuration() {
  umask 077
  mkdir -p "$state"/{pki,config,logs,run,cni/conf,cni/bin}
  if [[ ! -e $state/pki/ca.crt ]]; then
    new_key "$state/pki/ca.key"
    openssl req -x509 -new -key "$state/pki/ca.key" -subj "/CN=$name" -days 3650 -out "$state/pki/ca.part"
    mv "$state/pki/ca.part" "$state/pki/ca.crt"
  fi
  if [[ ! -e $state/pki/service-accounts.pub ]]; then
    new_key "$state/pki/service-accounts.key"
    openssl pkey -in "$state/pki/service-accounts.key" -pubout -out "$state/pki/service-accounts.pub"
  fi
  certificate kube-apiserver /CN=kube-apiserver \
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$api_service_ip,IP:$host_ip"
  certificate admin /O=system:masters/CN=admin
  certificate kubelet "/O=system:nodes/CN=system:node:$node_name" "DNS:$node_name,IP:$node_ip"
  certificate kube-controller-manager /CN=system:kube-controller-manager
  certificate kube-scheduler /CN=system:kube-scheduler
  certificate kube-proxy /CN=system:kube-proxy
  # Users and what runs on the machine come by loopback, what runs on the node by the link between the two.
  write_kubeconfig "$kubeconfig" admin 127.0.0.1
  write_kubeconfig "$state/config/kube-controller-manager.kubeconfig" kube-controller-manager 127.0.0.1
  write_kubeconfig "$state/config/kube-scheduler.kubeconfig" kube-scheduler 127.0.0.1
  write_kubeconfig "$state/config/kubelet.kubeconfig" kubelet "$host_ip"
  write_kubeconfig "$state/config/kube-proxy.kubeconfig" kube-proxy "$host_ip"
  write_kubeconfig "$state/config/cilium-agent.kubeconfig" admin "$host_ip"
  render audit-policy.yaml "$state/config/kube-apiserver.audit.yaml"
  render scheduler.yaml "$state/config/kube-scheduler.yaml"
  render containerd.toml "$state/config/containerd.toml"
  render kubelet.yaml "$state/config/kubelet.yaml"
  render coredns.yaml "$state/config/coredns.yaml"
  render resolv.conf "$state/config/resolv.conf"
}
