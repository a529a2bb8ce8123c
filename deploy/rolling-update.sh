#!/bin/sh
# Replaces the containers of a running `docker compose` project by ones of the image as it is now, so that no request
# fails: an API that is healthy is added before an old one goes. After `docker compose build`:  sh deploy/rolling-update.sh
set -eu
cd "$(dirname "$0")/.."

docker compose run --rm -T --no-deps migrate
old=$(docker compose ps -q api)
count=$(echo "$old" | wc -l)
for id in $old; do
  docker compose up -d --no-deps --no-recreate --wait --scale api=$((count + 1)) api
  docker stop "$id"
  docker rm "$id"
done
# Orders wait in the queue meanwhile.
docker compose up -d --no-deps --wait worker dashboard
