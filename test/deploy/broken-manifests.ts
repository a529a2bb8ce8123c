/** One fault: a text of the rendered manifests, what it is replaced with (once), and what must be said of it. */
export interface Fault {
  name: string
  from: string
  to: string
  said: RegExp
  overlay: 'k8s' | 'monitoring'
}

/** Each class of fault once, planted into the manifests that are shipped. */
export const faults: Fault[] = [
  // The schema
  fault('a misspelt field', 'maxUnavailable: 0', 'maxUnavailble: 0', /maxUnavailble.*does not exist/),
  fault('a misspelt field deep in a container', 'failureThreshold: 60', 'failureTreshold: 60', /failureTreshold/),
  fault('a field in the wrong place', 'maxSurge: 1', 'maxSurge: 1\n      minReadySeconds: 5', /minReadySeconds/),
  fault('text for a number', 'terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: "30"', /'string'/),
  fault('a number for text', 'value: "0"', 'value: 0', /'number' is not assignable to type 'string'/),
  fault('one object for a list', 'policyTypes:\n  - Ingress\n  - Egress', 'policyTypes: Ingress', /policyTypes/),
  fault('a missing field', '  selector:\n    matchLabels:\n      app: api\n', '', /selector'* is missing/),
  fault('a kind the version has not', 'apiVersion: autoscaling/v2', 'apiVersion: autoscaling/v3', /has no kind/),
  fault('a misspelt kind', 'kind: PodDisruptionBudget', 'kind: PodDisruptionBudgets', /has no kind/),
  // Values
  fault('a value that is not on the list', 'type: NodePort', 'type: NodePorts', /NodePorts is none of/),
  fault('a pull policy that is none', 'imagePullPolicy: IfNotPresent', 'imagePullPolicy: IfAbsent', /IfAbsent/),
  fault('a quantity that is none', 'memory: 96Mi', 'memory: 96MiB', /96MiB is no quantity/),
  fault('a request over its limit', 'cpu: 100m', 'cpu: 1100m', /requests more cpu/),
  fault('a name with capitals', '  name: to-redis', '  name: to-Redis', /name has characters/),
  // References
  fault(
    'a Service that selects nothing',
    '  selector:\n    app: redis',
    '  selector:\n    app: reddis',
    /no pod is selected/,
  ),
  fault('a port that no pod opens', 'targetPort: http', 'targetPort: web', /opens no port web/),
  fault('a probe of another port', 'port: http\n', 'port: htp\n', /port htp/),
  fault(
    'a selector beside its own pods',
    'matchLabels:\n      app: worker',
    'matchLabels:\n      app: w',
    /its own pods/,
  ),
  fault('a missing Secret', 'kind: Secret', 'kind: ConfigMap', /there is no Secret/),
  fault('a missing Secret key', '  DATABASE_URL: ', '  DATABASE_URI: ', /wants DATABASE_URL .* no such key/),
  fault('a missing ConfigMap', 'name: shop-config-', 'name: shop-conf-', /there is no ConfigMap/),
  fault('a missing ServiceAccount', 'serviceAccountName: shop', 'serviceAccountName: shopp', /no ServiceAccount shopp/),
  fault(
    'a scaler of nothing',
    'kind: Deployment\n    name: api',
    'kind: Deployment\n    name: app',
    /no Deployment app/,
  ),
  fault('a volume that is not there', '          name: data', '          name: date', /no volume of its pod/),
  fault('a peer that is no pod', '          - rq-dashboard', '          - rq', /no pod is app: rq/),
  fault('replicas that a scaler has', '  replicas: 2\n', '  replicas: 3\n', /3 replicas of its own/),
  fault(
    'a mounted Secret without the key',
    'key: ADMIN_TOKEN\n            path',
    'key: TOKEN\n            path',
    /wants TOKEN/,
    'monitoring',
  ),
  fault(
    'a mounted ConfigMap without the key',
    'key: datasource.yml',
    'key: source.yml',
    /wants source.yml/,
    'monitoring',
  ),
  fault(
    'a policy that opens a closed port',
    '    - port: metrics',
    '    - port: metric',
    /opens no port metric/,
    'monitoring',
  ),
  fault('a Service of a closed port', 'targetPort: metrics', 'targetPort: 9465', /opens no port 9465/, 'monitoring'),
  // Hardening
  fault('a pod that may be root', 'runAsNonRoot: true', 'runAsNonRoot: false', /may run as root/),
  fault('a writable root file system', 'readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false', /can write/),
  fault('capabilities that stay', '- ALL', '- NET_RAW', /keeps capabilities/),
  fault('a token for the pods', 'automountServiceAccountToken: false\n      c', 'c', /get a token/),
]

function fault(name: string, from: string, to: string, said: RegExp, overlay: Fault['overlay'] = 'k8s'): Fault {
  return { name, from, to, said, overlay }
}
