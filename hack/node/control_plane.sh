# The first node's further programs. Sourced by start.

start_control_plane() {
    # Data of a throwaway cluster: speed before safety against power loss.
    keep etcd etcd --name "$NODE" --data-dir /var/lib/etcd --unsafe-no-fsync --log-level warn \
        --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
        --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
        --initial-cluster "$NODE=http://127.0.0.1:2380" --auto-compaction-retention 30m
    keep kube-apiserver kube-apiserver --v 1 \
        --advertise-address "$ADDRESS" --secure-port 6443 --etcd-servers http://127.0.0.1:2379 \
        --service-cluster-ip-range 10.96.0.0/16 --allow-privileged \
        --client-ca-file "$PKI/ca.crt" \
        --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
        --kubelet-certificate-authority "$PKI/ca.crt" \
        --kubelet-client-certificate "$PKI/apiserver-kubelet-client.crt" \
        --kubelet-client-key "$PKI/apiserver-kubelet-client.key" \
        --kubelet-preferred-address-types InternalIP \
        --service-account-issuer https://kubernetes.default.svc.cluster.local \
        --service-account-key-file "$PKI/service-account.pub" \
        --service-account-signing-key-file "$PKI/service-account.key" \
        --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
        --requestheader-client-ca-file "$PKI/front-proxy-ca.crt" \
        --requestheader-allowed-names front-proxy-client \
        --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
        --requestheader-extra-headers-prefix X-Remote-Extra- \
        --proxy-client-cert-file "$PKI/front-proxy-client.crt" \
        --proxy-client-key-file "$PKI/front-proxy-client.key" \
        --enable-aggregator-routing
    keep kube-controller-manager kube-controller-manager --v 1 \
        --kubeconfig "$PKI/controller-manager.kubeconfig" --leader-elect=false \
        --authentication-kubeconfig "$PKI/controller-manager.kubeconfig" \
        --authorization-kubeconfig "$PKI/controller-manager.kubeconfig" \
        --root-ca-file "$PKI/ca.crt" --service-account-private-key-file "$PKI/service-account.key" \
        --cluster-signing-cert-file "$PKI/ca.crt" --cluster-signing-key-file "$PKI/ca.key" \
        --use-service-account-credentials --controllers '*,bootstrapsigner,tokencleaner' \
        --cluster-name "$CLUSTER"
    keep kube-scheduler kube-scheduler --v 1 --kubeconfig "$PKI/scheduler.kubeconfig" --leader-elect=false \
        --authentication-kubeconfig "$PKI/scheduler.kubeconfig" \
        --authorization-kubeconfig "$PKI/scheduler.kubeconfig"
}
