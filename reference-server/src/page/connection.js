// The WebSocket of the open chat.

const BACKOFF = {first: 500, longest: 30_000, steady: 5_000}; // milliseconds
const MEANING = {
  1001: 'The server is going away.',
  1006: 'The connection was refused or lost.',
  1009: 'The message was too long.',
  1012: 'The server asks to reconnect; messages may be missing.',
  1013: 'The connection was too slow; messages may be missing.',
};

function connect() {
  clearTimeout(retry);
  const own = socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws/chat/${chat.id}/`);
  let opened = 0;
  own.onopen = () => {
    if (own !== socket) return;
    opened = Date.now();
    state('open', 'Connected.');
    // Whoever is let in hears everything from now on; what came before is in the history.
    readHistory();
  };
  own.onmessage = event => { if (own === socket) hear(event.data); };
  own.onclose = ({code}) => { if (own === socket) closed(code, opened); };
  state('connecting', attempt ? 'Connecting again…' : 'Connecting…');
}

function disconnect() {
  clearTimeout(retry);
  const old = socket;
  socket = null;
  attempt = 0;
  old?.close();
  state('off', 'Disconnected by you.');
}

async function closed(code, opened) {
  socket = null;
  if (code === 4401) return signedOut('Your session has ended (4401). Log in again.');
  if (code === 4404) return gone('The chat was deleted (4404).');
  if (opened && Date.now() - opened > BACKOFF.steady) attempt = 0;
  // Half of it by chance, lest all clients come at once.
  const delay = Math.min(BACKOFF.longest, BACKOFF.first * 2 ** attempt++) * (0.5 + Math.random() / 2);
  state('waiting', `${MEANING[code] ?? 'The connection was closed.'} (${code}) Trying again in ${Math.ceil(delay / 1000)} s.`);
  retry = setTimeout(connect, delay);
  // A browser does not say why a handshake was refused; the history's answer does.
  if (!opened) await readHistory();
}

function gone(why) {
  disconnect();
  state('ended', why);
  usable(false);
  $('title').focus();
  listChats();
}

function usable(yes) {
  for (const id of ['send', 'history', 'line']) $(id).disabled = !yes;
}

/** `off`, `connecting`, `open`, `waiting` for the next attempt, or `ended` for good. */
function state(name, words) {
  $('state').dataset.state = name;
  tell('state', words);
  tell('line', {off: 'Connect', ended: 'Connect', waiting: 'Connect now'}[name] ?? 'Disconnect');
}

on('line', 'click', () => socket ? disconnect() : connect());

// No use in waiting once the network is back or somebody looks.
function hurry() {
  if ($('state').dataset.state === 'waiting' && !document.hidden) connect();
}
addEventListener('online', hurry);
addEventListener('visibilitychange', hurry);
