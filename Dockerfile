# One image for every role: `docker run … api`, `worker`, `dashboard` or `migrate`. It needs DATABASE_URL, since the
# embedded PostgreSQL is left out, and with it the platform's own Node: the base brings one.

# Dependencies alone first: they change seldom, and their layer stays in the cache.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim AS shop
WORKDIR /app
# The files belong to root: the process that runs them cannot change them.
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY scripts/healthcheck.ts scripts/backup.ts scripts/restore.ts scripts/redrive.ts scripts/open-server.ts scripts/
COPY scripts/backup scripts/backup
COPY src src

# What V8 compiles and Node strips of types is kept, for the user that will run it: an API that nobody reaches is started.
FROM shop AS compiled
USER 1000:1000
ENV NODE_COMPILE_CACHE=/tmp/compiled
RUN DATABASE_URL=postgres://127.0.0.1:9/ REDIS_URL=redis://127.0.0.1:9 LOG_LEVEL=silent SHUTDOWN_DELAY=0 \
    timeout --preserve-status 5 node src/main.ts api; node scripts/healthcheck.ts; test -d /tmp/compiled

FROM shop
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Mini E-Commerce API" \
      org.opencontainers.image.description="Products, customers and orders over REST" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# In a container loopback reaches nobody. Off loopback the dashboard is read-only unless DASHBOARD_PASSWORD is set.
ENV NODE_ENV=production HOST=0.0.0.0 DASHBOARD_HOST=0.0.0.0
COPY --from=compiled /tmp/compiled .cache
ENV NODE_COMPILE_CACHE=/app/.cache

# The user `node` by its number, so that Kubernetes can tell that it is not root.
USER 1000:1000
EXPOSE 8080 9181
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["node", "scripts/healthcheck.ts"]
# No shell between: node is process 1 and gets the signals itself.
ENTRYPOINT ["node", "src/main.ts"]
CMD ["api"]
