#!/usr/bin/env bash
# screenshots.sh: takes the pictures of the documents anew, by the tests that look at every screen. Look at them before they are
# committed.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
scripts/setup.sh test
cargo build -q --locked -p paywand-sandbox --bins
scripts/bindings.sh
pictures=$root/docs/screenshots
rm -rf "$pictures"
maven verify -pl ../android,../../android-sample -am -Dpaywand.kotlin.skipTests=true -DfailIfNoTests=false \
  -Dtest='PaymentScreenshotTest,ScreenshotTest' -Dsurefire.failIfNoSpecifiedTests=false "-Dscreenshots.dir=$pictures"
# Large print, other sizes and landscape are looked at by the tests; the documents show the two languages by day and night.
find "$pictures" -name '*.webp' ! -name '*-en-day.webp' ! -name '*-en-night.webp' ! -name '*-zh-day.webp' ! -name '*-zh-night.webp' -delete
du -sh "$pictures"
