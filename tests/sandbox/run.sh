# shellcheck shell=bash disable=SC2154  # work and sandbox are those of the script that sources this
# A sandbox for a script's checks, in the background: it ends with the script, whose pipe is its input. $work is a folder for it.
mkfifo "$work/sandbox-input"
"$sandbox" --time-scale 100 <"$work/sandbox-input" >"$work/sandbox-ready" &
exec 3>"$work/sandbox-input"
# Its line may come in pieces.
until [ "$(wc -l <"$work/sandbox-ready")" -gt 0 ]; do
  kill -0 $! || { echo "the sandbox did not start" >&2; exit 1; }
  sleep 0.1
done

# A field of the sandbox's one line, by what stands before it.
sandbox_field() {
  sed -n "s/.*$1\"\\([^\"]*\\)\".*/\\1/p" "$work/sandbox-ready"
}

# Address, certificate authority, appid and key of an account at BlueOcean.
sandbox_account=(
  "$(sandbox_field '"https":')" "$(sandbox_field '"ca_file":')"
  "$(sandbox_field '"blueocean_v1":{"appid":')" "$(sandbox_field '"blueocean_v1":{"appid":"[^"]*","key":')"
)
