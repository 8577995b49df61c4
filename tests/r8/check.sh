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

# The rules as they are, and without each of them: line N of the list is missing in without-N.pro.
mkdir "$work/rules"
cp "$work/aar/proguard.txt" "$work/rules/all.pro"
grep -v -e '^#' -e '^$' "$work/rules/all.pro" >"$work/list"
count=$(wc -l <"$work/list" | tr -d ' ')
for number in $(seq "$count"); do
  grep -vxF -- "$(sed -n "${number}p" "$work/list")" "$work/rules/all.pro" >"$work/rules/without-$number.pro"
done
"$java" -Xmx2g -XX:+UseParallelGC -cp "$r8" "$here/Shrink.java" "$work/rules" --release --classfile \
  --lib "$work/core.jar" --lib "$(android_jar)" --pg-conf "$here/app.pro" --pg-conf "$sample/android/keep.pro" "${program[@]}"

# probe NAME: takes a payment with the program that was shrunk by NAME.pro.
probe() {
  rm -f "$work"/till.db*
  timeout 60 "$java" -XX:TieredStopAtLevel=1 "-Duniffi.component.paywand.libraryOverride=$library" \
    -cp "$work/rules/$1.jar:$(android_jar)" dev.paywand.r8.ProbeKt "$work/till.db" "${sandbox_account[@]}"
}

. "$root/tests/sandbox/run.sh"
probe all
echo "shrunk: $(cat "${program[@]}" | wc -c | tr -d ' ') bytes of class files to $(wc -c <"$work/rules/all.jar" | tr -d ' ')"

# A reason, not any failure: one of those below, seen once for each rule.
known='com\.sun\.jna|java\.awt|Structure|Callback must|undefined symbol'
for number in $(seq "$count"); do
  rule=$(sed -n "${number}p" "$work/list")
  log=$work/rules/without-$number.log
  if [ -e "$work/rules/without-$number.jar" ] && probe "without-$number" >>"$log" 2>&1; then
    echo "nothing misses the rule: $rule" >&2
    exit 1
  fi
  reason=$(grep -E 'Exception|Error|issing class' "$log" | grep -m 1 -E "$known") || { cat "$log" >&2; exit 1; }
  printf 'without %s\n  %s\n' "$rule" "${reason:0:160}"
done
[ "$count" -gt 0 ]
echo "$count rules, each missed"
