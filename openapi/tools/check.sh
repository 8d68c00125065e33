#!/bin/sh
# Lints openapi/v1.json with every rule Redocly recommends, makes TypeScript from it with two generators, and compiles
# both together with consumer.ts. Needs npm the first time and after a change of package-lock.json; then no network.
set -eu
cd "$(dirname "$0")"

for program in node npm; do
    if ! command -v "$program" >/dev/null 2>&1; then
        echo "skipped: OpenAPI lint and TypeScript check (no $program on this machine)"
        exit 0
    fi
done
if ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
              process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
    echo "skipped: OpenAPI lint and TypeScript check (Node.js 20.19 or newer is needed, found $(node --version))"
    exit 0
fi

installed=node_modules/installed.lock
if ! cmp -s package-lock.json "$installed"; then
    echo "Installing the OpenAPI tools, once …"
    npm ci --silent
    cp package-lock.json "$installed"
fi

# What passed once passes again: the result depends on these files only.
checked=node_modules/.checked
inputs=$(cat ../v1.json consumer.ts openapi-ts.config.ts package-lock.json redocly.yaml tsconfig.json check.sh | cksum)
if [ "$(cat "$checked" 2>/dev/null)" = "$inputs" ]; then
    echo "OpenAPI lint and TypeScript: unchanged since they passed"
    exit 0
fi

bin=node_modules/.bin
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
rm -rf generated
log=$(mktemp)
trap 'rm -f "$log"' EXIT

quietly() {
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        echo "failed: $*" >&2
        exit 1
    fi
}

quietly "$bin/redocly" lint ../v1.json --config redocly.yaml
# Warnings do not change redocly's exit status.
if grep -q "You have [0-9]* warning" "$log"; then
    cat "$log" >&2
    exit 1
fi
quietly "$bin/openapi-typescript" ../v1.json --output generated/openapi-typescript.ts
quietly "$bin/openapi-ts"
quietly "$bin/tsc" --project .
echo "$inputs" >"$checked"
echo "OpenAPI lint: clean. TypeScript from openapi-typescript and hey-api compiles with --strict."
