#!/bin/sh
# The autoscaler at work: 60, 100 and 120 users in two minutes, and every five seconds how many replicas there are.
# The limit of ten requests a minute would keep the replicas idle, so it goes first, and comes back afterwards:
#   kubectl apply -k k8s/overlays/load-test
#   kubectl rollout status deployment/api
#   BASE=$(minikube service api-service --url) sh load/demo-hpa.sh
#   kubectl apply -k k8s
# DURATION: seconds of load, 120 by default. AFTER: seconds that are watched when it is over, 60 by default; the
# autoscaler waits five minutes before it takes replicas away. NAMESPACE: of the shop, the present one by default.
set -eu
cd "$(dirname "$0")/.."
: "${BASE:?the address of the shop: BASE=\$(minikube service api-service --url) sh load/demo-hpa.sh}"
export BASE DURATION="${DURATION:-120}"

in_shop() { kubectl ${NAMESPACE:+-n "$NAMESPACE"} "$@"; }
watch() {
  while :; do
    set -- $(in_shop get hpa api-hpa -o 'jsonpath={.status.currentReplicas} {.status.desiredReplicas} {.status.currentMetrics[*].resource.current.averageUtilization}')
    ready=$(in_shop get deployment api -o 'jsonpath={.status.readyReplicas}')
    echo "$(date +%T)  replicas ${1:-?}, ready ${ready:-0}, wanted ${2:-?}; use of what they ask for, %: ${3:-?} ${4:-}"
    sleep 5
  done
}

in_shop get hpa api-hpa >/dev/null
watch &
watcher=$!
folder=$(mktemp -d)
trap 'kill $watcher ${forwarder:-} 2>/dev/null || true; rm -r "$folder"' EXIT
trap 'exit 130' INT TERM

if command -v k6 >/dev/null; then k6 run -e BASE="$BASE" -e DURATION="$DURATION" load/k6/hpa.ts || failed=$?
else
  # The metrics have a port that no Service publishes. Each pod shows the one queue; no autoscaler takes a worker away.
  mkfifo "$folder/forwarding"
  kubectl ${NAMESPACE:+-n "$NAMESPACE"} port-forward deployment/worker :9464 >"$folder/forwarding" &
  forwarder=$!
  exec 3<"$folder/forwarding"
  read -r _ _ metrics _ <&3 || true # Forwarding from 127.0.0.1:40123 -> 9464
  npm run -s load -- --scenario hpa --seconds "$DURATION" ${metrics:+--metrics "http://$metrics"} || failed=$?
fi
sleep "${AFTER:-60}"
exit "${failed:-0}"
