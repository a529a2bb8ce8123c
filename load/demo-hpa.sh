#!/bin/sh
# The autoscaler at work: 60, 100 and 120 users in two minutes, and every five seconds how many replicas there are.
# The limit of ten requests a minute would keep the replicas idle, so it goes first:
#   kubectl set env deployment/api RATE_LIMIT=off
#   BASE=$(minikube service api-service --url) sh load/demo-hpa.sh
# DURATION: seconds of load, 120 by default. AFTER: seconds that are watched when it is over, 60 by default; the
# autoscaler waits five minutes before it takes replicas away. NAMESPACE: of the shop, the present one by default.
set -eu
cd "$(dirname "$0")/.."
: "${BASE:?the address of the shop: BASE=\$(minikube service api-service --url) sh load/demo-hpa.sh}"
export BASE DURATION="${DURATION:-120}"

get() { kubectl ${NAMESPACE:+-n "$NAMESPACE"} get "$@"; }
watch() {
  while :; do
    set -- $(get hpa api -o 'jsonpath={.status.currentReplicas} {.status.desiredReplicas} {.status.currentMetrics[*].resource.current.averageUtilization}')
    ready=$(get deployment api -o 'jsonpath={.status.readyReplicas}')
    echo "$(date +%T)  replicas ${1:-?}, ready ${ready:-0}, wanted ${2:-?}; use of what they ask for, %: ${3:-?} ${4:-}"
    sleep 5
  done
}

get hpa api >/dev/null
watch &
watcher=$!
trap 'kill $watcher 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM

if command -v k6 >/dev/null; then k6 run -e BASE="$BASE" -e DURATION="$DURATION" load/k6/hpa.ts || failed=$?
else npm run -s load -- --scenario hpa --seconds "$DURATION" || failed=$?
fi
sleep "${AFTER:-60}"
exit "${failed:-0}"
