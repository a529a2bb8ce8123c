// For the image's HEALTHCHECK, which has no curl: exits 0 if the address answers 2xx within two seconds, else 1.
//   node scripts/healthcheck.ts [url]        the API's or the worker's readiness by default
const url = process.argv[2] ?? `http://127.0.0.1:${process.env.PORT || 8080}/health/ready`
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } })
  console.log(`${url} answers ${response.status}: ${(await response.text()).slice(0, 500)}`)
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  console.log(`${url} does not answer: ${error instanceof Error ? (error.cause ?? error) : error}`)
  process.exitCode = 1
}
