# What hack/demo shows: the load job and the live table. Sourced, never run.

policy_field() {
    $KUBECTL -n "$PLATFORM_NAMESPACE" get scalingpolicy chat-server -o "jsonpath={$1}" 2>/dev/null
}

start_load() {
    $KUBECTL -n "$PLATFORM_NAMESPACE" delete job load --ignore-not-found >/dev/null
    $KUBECTL -n "$PLATFORM_NAMESPACE" apply -f - >/dev/null <<JOB
apiVersion: batch/v1
kind: Job
metadata: {name: load}
spec:
  backoffLimit: 0
  ttlSecondsAfterFinished: 600
  template:
    metadata: {labels: {app.kubernetes.io/name: load}}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: load
        image: ${REGISTRY:-chatflow}/load:dev
        imagePullPolicy: IfNotPresent
        args: ["--url=http://chat-server:8080", "--scenario=$SCENARIO", "--duration=${LOAD_SECONDS}s"${RATE:+, "--rate=$RATE"}]
        resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 512Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
JOB
}

# What the users met: answers, failures, p50 to p99 of all and of each kind of request.
view_load() {
    printf '\nWhat the users of %s met:\n' "$SCENARIO"
    $KUBECTL -n "$PLATFORM_NAMESPACE" logs job/load --tail=40 2>/dev/null | sed -n '/^succeeded/,$p' ||
        say "the load's own words are gone"
    printf '\n'
}

view_header() {
    printf '\n%6s  %5s  %-10s  %-8s  %-16s  %s\n' TIME CPU REPLICAS DESIRED REASON WHY
}

# One line a look, so that the output reads the same on a terminal and in a file.
view_row() {
    local fields cpu replicas ready desired reason why
    fields=$($KUBECTL -n "$PLATFORM_NAMESPACE" get scalingpolicy chat-server -o jsonpath='{.status.utilizationPercent}|{.status.desiredReplicas}|{.status.lastDecision.decision.reason}|{.status.lastDecision.decision.message}' 2>/dev/null) || fields='|||'
    IFS='|' read -r cpu desired reason why <<<"$fields"
    replicas=$($KUBECTL -n "$PLATFORM_NAMESPACE" get deployment chat-server -o jsonpath='{.spec.replicas}')
    ready=$($KUBECTL -n "$PLATFORM_NAMESPACE" get deployment chat-server -o jsonpath='{.status.readyReplicas}')
    # The first part of the sentence is what was seen; describe and explain show the rest.
    printf '%5ss  %4s%%  %-10s  %-8s  %-16s  %s\n' "$1" "${cpu:--}" "${ready:-0}/$replicas" \
        "${desired:--}" "${reason:--}" "${why%%;*}"
}
