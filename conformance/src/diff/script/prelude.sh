set -u
run=$$
cookie_of() { awk -v name="$2" '$6 == name { print $7 }' "$1.jar" 2> /dev/null; }
cookie() { cookie_of "$who" "$1"; }
first_id() { grep -o '"id": *[0-9]*' | head -n 1 | tr -dc 0-9; }
ask() { # who method path csrf|'' [options of curl]
    who=$1
    local method=$2 path=$3 csrf=$4
    shift 4
    curl -sS -i -b "$who.jar" -c "$who.jar" -X "$method" ${csrf:+-H "X-CSRFToken: $(cookie csrftoken)"} "$@" "$base$path"
    echo
}
register() {
    local body="{\"username\":\"$1-$run\",\"password\":\"correct-horse-9\",\"password_confirm\":\"correct-horse-9\"}"
    declare -g "id_$1=$(ask "$1" POST /api/register/ '' -H 'Content-Type: application/json' -d "$body" | first_id)"
}
login() { ask "$1" POST /api/login/ '' -H 'Content-Type: application/json' -d "{\"username\":\"$1-$run\",\"password\":\"correct-horse-9\"}" > /dev/null; }
handshake() { # who path [options of curl]
    who=$1
    local path=$2
    shift 2
    curl -sS -i --http1.1 --max-time 2 -b "$who.jar" -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
        -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$@" "$base$path"
    echo
}
open() { # connection who path: what it hears is printed
    mkfifo "in$1"
    websocat -H="Cookie: sessionid=$(cookie_of "$2" sessionid)" "ws${base#http}$3" < "in$1" 2>&1 | sed "s/^/connection $1 hears /" &
    exec {fd}> "in$1"
    declare -g "fd$1=$fd"
    sleep 0.5
}
say() { fd="fd$1"; printf '%s\n' "$2" >&"${!fd}"; sleep 0.5; }
say_bytes() { fd="fd$1"; echo "websocat -b says them: xxd -r -p <<< $2"; }
hang_up() { fd="fd$1"; eval "exec ${!fd}>&-"; sleep 0.5; }
on() { # name url
    echo "== the $1, $2"
    (base=$2; cd "$(mktemp -d)" || exit; story; sleep 0.5; kill $(jobs -p) 2> /dev/null)
}
