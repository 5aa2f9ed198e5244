set -u
run=$$
cookie() { awk -v name="$2" '$6 == name { print $7 }' "$1.jar" 2> /dev/null; }
session() { # who: the key that their cookies held last, also after a logout; a stranger's is made up
    if [ "$1" = stranger ]; then echo abcdefghijklmnopqrstuvwxyz012345; else cat "$1.session" 2> /dev/null; fi
}
id() { grep -o '"id": *[0-9]*' answer | head -n 1 | tr -dc 0-9; }
ask() { # who method path [options of curl]: the answer is printed
    local who=$1 method=$2 path=$3 jar=$1.jar key
    shift 3
    case $who in anonymous | stranger) jar=/dev/null ;; esac
    [ "$method" != HEAD ] || set -- -I "$@"
    curl -sS -i -g --path-as-is -b "${jar_sent-$jar}" -c "$jar" -X "$method" "$@" "$base$path" | tee answer
    key=$(cookie "$who" sessionid)
    [ -z "$key" ] || echo "$key" > "$who.session"
}
has_worked() { grep -q '^HTTP/[0-9.]* 20' answer || { echo "!! $1 has not worked:"; cat answer; }; }
register() { # who
    ask "$1" POST /api/register/ -H 'Content-Type: application/json' \
        -d "{\"username\":\"$1-$run\",\"password\":\"$password\",\"password_confirm\":\"$password\"}" > /dev/null
    has_worked "registering $1"
    declare -g "id_$1=$(id)"
    login "$1" "$1-$run" "$password"
}
login() { # who username password
    ask "$1" POST /api/login/ -H 'Content-Type: application/json' \
        -d "{\"username\":\"$2\",\"password\":\"$3\"}" > /dev/null
    has_worked "logging $1 in"
}
handshake() { # who path [options of curl]: the answer is printed; one that is accepted is left after two seconds
    local key path=$2
    key=$(session "$1")
    shift 2
    curl -sS -i -g --path-as-is --http1.1 --max-time 2 ${key:+-H "Cookie: sessionid=$key"} \
        -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' \
        -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$@" "$base$path"
}
open() { # connection who path: what it hears is printed
    local key fd
    key=$(session "$2")
    mkfifo "in$1"
    websocat -0 --base64 --binary-prefix=bytes: ${key:+-H="Cookie: sessionid=$key"} "ws${base#http}$3" < "in$1" 2>&1 |
        tr '\0' '\n' | sed "s/^/connection $1 hears /" &
    exec {fd}> "in$1"
    declare -g "fd$1=$fd"
    sleep 0.5
}
say() { local fd="fd$1"; printf '%s\0' "$2" >&"${!fd}"; sleep 0.5; }
say_bytes() { local fd="fd$1"; printf 'bytes:%s\0' "$2" >&"${!fd}"; sleep 0.5; }
hang_up() { local fd="fd$1"; eval "exec ${!fd}>&-"; sleep 0.5; }
on() ( # name url
    echo "== the $1, $2"
    base=$2
    origin=$(grep -o '^[^:]*://[^/]*' <<< "$base")
    cd "$(mktemp -d)" || exit
    story
    [ -z "$(jobs -p)" ] || { sleep 0.5; kill $(jobs -p) 2> /dev/null; }
)
