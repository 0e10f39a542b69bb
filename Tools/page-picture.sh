#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes docs/images/study.png of the demo's page (make demo), by Chromium: its curves, and its structures.
#   Tools/page-picture.sh [PAGE [PICTURE]]
set -eu
cd "$(dirname "$0")/.."
page=$(realpath "${1:-demo-output/study.html}")
picture=$(realpath -m "${2:-docs/images/study.png}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# One page in two windows, each at its place.
cat > "$scratch/both.html" << END
<!doctype html>
<style>
  body { margin: 0; display: flex; background: #d5dbe1; gap: 2px; }
  iframe { border: 0; height: 792px; background: white; }
</style>
<iframe src="file://$page#plots" style="width: 560px"></iframe>
<iframe src="file://$page#structures" style="width: 838px"></iframe>
END
chromium --headless --no-sandbox --hide-scrollbars --window-size=1400,792 --virtual-time-budget=8000 \
  --screenshot="$scratch/both.png" "file://$scratch/both.html" 2> /dev/null
# Fewer colours where ImageMagick is there: a fourth of the bytes.
if command -v convert > /dev/null; then
  convert "$scratch/both.png" -strip +dither -colors 128 -define png:compression-level=9 "PNG8:$picture"
else
  cp "$scratch/both.png" "$picture"
fi
