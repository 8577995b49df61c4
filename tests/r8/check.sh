#!/usr/bin/env bash
# check.sh: shrinks the sample till and a probe with R8, in full mode, by the rules that the AAR carries, and runs the probe on the JVM with
# the host library against the sandbox. Then again with each of those rules left out: each must be missed.
# Takes what scripts/test.sh android has built.
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
here=$root/tests/r8
sample=$root/android-sample/target
work=$CARGO_TARGET_DIR/r8
rm -rf "$work"
mkdir -p "$work/aar"

unzip -q "$aar" -d "$work/aar"
# What Android has of Java, more or less: above all, no java.awt.
jimage extract --dir "$work/jdk" --include 'regex:/java\.(base|logging)/.*' "$(java_home)/lib/modules"
jar --create --no-manifest --file "$work/core.jar" -C "$work/jdk/java.base" . -C "$work/jdk/java.logging" .
jar --create --no-manifest --file "$work/sample.jar" -C "$sample/classes" .
jar --create --no-manifest --file "$work/probe.jar" -C "$here/target/classes" .
program=("$work/sample.jar" "$work/probe.jar" "$work/aar/classes.jar" "$sample"/lib/*.jar)

# shrink RULES: into $work/shrunk.jar.
shrink() {
  "$java" -Xmx2g -XX:+UseParallelGC -cp "$r8" com.android.tools.r8.R8 --release --classfile --lib "$work/core.jar" --lib "$(android_jar)" \
    --output "$work/shrunk.jar" --pg-conf "$here/app.pro" --pg-conf "$sample/android/keep.pro" --pg-conf "$1" "${program[@]}"
}

# probe: takes a payment with the program as it was shrunk.
probe() {
  rm -f "$work"/till.db*
  timeout 60 "$java" -XX:TieredStopAtLevel=1 "-Duniffi.component.paywand.libraryOverride=$library" -cp "$work/shrunk.jar:$(android_jar)" \
    dev.paywand.r8.ProbeKt "$work/till.db" "${sandbox_account[@]}"
}

. "$root/tests/sandbox/run.sh"
rules=$work/aar/proguard.txt
shrink "$rules"
probe
echo "shrunk: $(cat "${program[@]}" | wc -c | tr -d ' ') bytes of classes to $(wc -c <"$work/shrunk.jar" | tr -d ' ')"

# A reason, not any failure: one of those below, seen once for each rule.
known='com\.sun\.jna|java\.awt|Structure|Callback must|undefined symbol'
count=0
while IFS= read -r rule; do
  count=$((count + 1))
  grep -vxF -- "$rule" "$rules" >"$work/without.pro"
  if shrink "$work/without.pro" >"$work/log" 2>&1 && probe >>"$work/log" 2>&1; then
    echo "nothing misses the rule: $rule" >&2
    exit 1
  fi
  reason=$(grep -E 'Exception|Error|issing class' "$work/log" | grep -m 1 -E "$known") || { cat "$work/log" >&2; exit 1; }
  printf 'without %s\n  %s\n' "$rule" "${reason:0:160}"
done < <(grep '^-' "$rules")
[ "$count" -gt 0 ] && [ "$count" -eq "$(grep -cv -e '^#' -e '^$' "$rules")" ]
echo "$count rules, each missed"
