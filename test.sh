#!/usr/bin/env bash
# Builds everything and runs every test on a Debian machine with the .NET SDK and Node.js. Last line: N passed, N failed.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
unset OTEL_EXPORTER_OTLP_ENDPOINT # the hosts of the tests would export to it
results="$PWD/TestResults"
rm -rf "$results"
mkdir -p "$results"

fail() { # a step that is no test failed: say which, and end with the closing line
  printf '\n%s\n' "$1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

step() { printf '== %s\n' "$1"; }

sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
policy=/usr/sbin/policy-rc.d
policy_is_ours=
child=

# Runs a command in a process group of its own, so that what it started goes with it: hosts and servers of a suite that crashed or was interrupted.
run() {
  local code=0
  set -m
  "$@" </dev/null &
  child=$!
  set +m
  wait "$child" || code=$?
  kill -KILL -- "-$child" 2>/dev/null
  child=
  return "$code"
}

clean_up() {
  [ -z "$child" ] || kill -KILL -- "-$child" 2>/dev/null
  [ -z "$policy_is_ours" ] || "${sudo[@]}" rm -f "$policy"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The real servers and clients that the tests talk to.
packages=(mosquitto mosquitto-clients influxdb victoria-metrics prometheus postgresql chromium python3-paho-mqtt iproute2 libfaketime)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  step "installing ${missing[*]}"
  # The tests start their own servers; those of the packages would only take the usual ports (1883, 8086, 9090).
  if [ ! -e "$policy" ]; then
    policy_is_ours=yes
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" install -m 755 /dev/stdin "$policy"
  fi
  { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >"$results/install.log" 2>&1 || { tail -20 "$results/install.log"; fail "installing ${missing[*]} failed; install them by hand and run again"; }
fi

step "build"
run dotnet build SmartCity.sln -c Release -v quiet >"$results/build.log" 2>&1 \
  || { grep -E ': error ' "$results/build.log" | sort -u | head -40; fail "the build failed; its whole output is in TestResults/build.log"; }

step "format"
run dotnet format whitespace SmartCity.sln --no-restore --verify-no-changes >"$results/format.log" 2>&1 \
  || { head -20 "$results/format.log"; fail "the format check failed; run: dotnet format whitespace SmartCity.sln"; }

step "dashboard tests"
run npm --prefix src/Dashboard test --silent -- --reporter=default --reporter=json --outputFile.json="$results/dashboard.json" >"$results/dashboard.log" 2>&1 \
  || tail -60 "$results/dashboard.log"

for project in tests/*/*.Tests.csproj; do
  name=$(basename "$project" .csproj)
  step "$name"
  run timeout --foreground -k 10 900 dotnet test "$project" -c Release --no-build --logger "trx;LogFileName=$results/$name.trx" >"$results/$name.log" 2>&1 \
    || grep -vE '^\s*$|^Test run for|^A total of|^VSTest|^Starting' "$results/$name.log" | tail -80
  [ -f "$results/$name.trx" ] || echo "$name" >>"$results/no-result"
done

# Sums over all runners. A suite without a result has failed; in CI so has a skipped test.
python3 - "$results" <<'PY'
import glob, json, os, re, sys
folder = sys.argv[1]
passed = failed = skipped = 0
for path in sorted(glob.glob(os.path.join(folder, "*.trx"))):
    counters = re.search(r"<Counters ([^>]*)/>", open(path, encoding="utf-8").read())
    values = dict(re.findall(r'(\w+)="(\d+)"', counters.group(1))) if counters else {}
    total, ok, bad = (int(values.get(k, 0)) for k in ("total", "passed", "failed"))
    if total == 0:
        print(f"{os.path.basename(path)[:-4]} ran no test"); failed += 1
    passed += ok; failed += bad; skipped += total - ok - bad
try:
    dashboard = json.load(open(os.path.join(folder, "dashboard.json"), encoding="utf-8"))
    passed += dashboard["numPassedTests"]; failed += dashboard["numFailedTests"] + (0 if dashboard["success"] or dashboard["numFailedTests"] else 1)
    skipped += dashboard["numPendingTests"] + dashboard.get("numTodoTests", 0)
except (OSError, ValueError, KeyError) as error:
    print(f"the dashboard's tests left no result ({error})"); failed += 1
if os.path.exists(os.path.join(folder, "no-result")):
    for name in open(os.path.join(folder, "no-result")).read().split():
        print(f"{name} left no result"); failed += 1
if os.environ.get("CI") == "true" and skipped:
    print(f"{skipped} skipped tests count as failed in CI"); failed += skipped; skipped = 0
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(0 if failed == 0 and passed > 0 else 1)
PY
