#!/bin/sh
# WS-3/reaches_every_participant by hand. It needs curl, and websocat for the WebSocket frames.
BASE=http://127.0.0.1:8000
RUN=by-hand-$$-
PASSWORD=correct-horse-8
curl() { command curl -w '\n' "$@"; }
command -v websocat > /dev/null || { echo 'needs websocat: cargo install websocat' >&2; exit 1; }
cd "$(mktemp -d)" || exit
cookie() { awk -v name="$2" '$6 == name { print $7 }' "$1.jar"; }
cookies() { echo "sessionid=$(cookie "$1" sessionid); csrftoken=$(cookie "$1" csrftoken)"; }
id() { tee /dev/stderr | grep -o '"id": *[0-9]*' | head -n 1 | tr -dc 0-9; }
account() { # registers somebody and logs them in; prints their id
  printf '{"username": "%s", "email": "%s@example.com", "password": "%s", "password_confirm": "%s"}' \
    "$RUN$1" "$RUN$1" "$PASSWORD" "$PASSWORD" |
    curl -sS -H 'Content-Type: application/json' --data-binary @- "$BASE/api/register/" | id
  printf '{"username": "%s", "password": "%s"}' "$RUN$1" "$PASSWORD" |
    curl -sS -o /dev/null -c "$1.jar" -H 'Content-Type: application/json' --data-binary @- "$BASE/api/login/"
}
ALICE=$(account alice)
BOB=$(account bob)
set -v # shows each step before its answer

CHAT=$(curl -sS -i \
  -b alice.jar -c alice.jar \
  -H "X-CSRFToken: $(cookie alice csrftoken)" \
  -H 'Content-Type: application/json' \
  --data-raw '{"name":"'"${RUN}"'chat","participant_ids":['"${BOB}"']}' \
  "${BASE}"/api/chats/ | id)
# the suite got 201 {"id":17,"name":"ct-0a1b2c3d-chat"}

mkfifo say.3 # connection #1, bob's
websocat -H="Cookie: $(cookies bob)" "ws${BASE#http}"/ws/chat/"${CHAT}"/ < say.3 > bob.3.heard &
exec 3> say.3; sleep 1
# the suite got 101

mkfifo say.4 # connection #2, alice's
websocat -H="Cookie: $(cookies alice)" "ws${BASE#http}"/ws/chat/"${CHAT}"/ < say.4 > alice.4.heard &
exec 4> say.4; sleep 1
# the suite got 101

printf '%s\n' '{"content":"it'\''s"}' >&4 # connection #2
# alice's connection #2 heard {"type":"message","message":{"id":3,"chat":17,"content":"hello","sender":{"id":5,"username":"ct-0a1b
# bob's connection #1 heard {"type":"message","message":{"id":3,"chat":17,"content":"hello","sender":{"id":6,"username":"ct-0a1b2c3d-cast-0"}}}
sleep 1
curl -sS -i -b alice.jar -c alice.jar "${BASE}"/api/chats/"${CHAT}"/messages/
sleep 1; head -n 50 *.heard # what the connections heard
