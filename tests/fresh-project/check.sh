#!/usr/bin/env bash
# check.sh: a Maven project of its own, outside this tree, takes the AAR's classes and the host library, and takes a payment: what somebody
# needs who has nothing of this repository. The AAR is what scripts/test.sh android has built.
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project=$work/project

# property NAME: a version of the parent pom.
property() {
  sed -n "s|.*<$1>\\(.*\\)</$1>.*|\\1|p" "$kotlin/pom.xml"
}

cp -r "$root/tests/fresh-project" "$project"
mkdir "$project/lib"
unzip -qj "$aar" classes.jar -d "$project/lib"
for name in kotlin.version coroutines.version jna.version; do
  sed -i.bak "s|@$name@|$(property "$name")|" "$project/pom.xml"
done
mvn -q -B -ntp -Dstyle.color=never -f "$project/pom.xml" -Dkotlin.compiler.daemon=false compile

. "$root/tests/sandbox/run.sh"
said=$("$java" "-Duniffi.component.paywand.libraryOverride=$library" -cp "$project/target/classes:$project/lib/*" \
  MainKt "$work/till.db" "${sandbox_account[@]}")
echo "$said, in $(grep -c . "$project/src/Main.kt") lines"
[ "$said" = PAID ]
