// What was said, and saying it.

function hear(text) {
  let event;
  try { event = JSON.parse(text); } catch { event = null; }
  if (event?.type === 'message') {
    add([event.message], 'live');
  } else {
    const draft = event?.type === 'error' && unheard.shift();
    if (draft) giveBack([draft]);
    tell('room-error', event?.message ?? 'The server sent an unknown frame.');
  }
}

async function readHistory() {
  const visit = turn, line = socket, first = !seen.size;
  try {
    const messages = await api('GET', `chats/${chat.id}/messages/`);
    if (visit !== turn) return;
    tell('room-error', '');
    const missed = add(messages, 'history');
    if (missed && !first && socket) state('open', `Connected. ${missed} missed, read from the history.`);
  } catch (refusal) {
    if (visit !== turn) return;
    if (refusal.status === 404) return gone(refusal.message);
    tell('room-error', refusal.message);
    return;
  }
  // What an earlier connection took and the history does not know was lost on the way.
  const lost = line ? unheard.filter(each => each.socket !== line) : [];
  if (lost.length) {
    unheard = unheard.filter(each => each.socket === line);
    giveBack(lost);
    tell('room-error', 'Lost with the connection, and back in the box below.');
  }
}

on('history', 'click', readHistory);

/** Shows those not yet shown, each in its place; returns how many they were. */
function add(messages, source) {
  const list = $('messages');
  const fresh = messages.filter(({id}) => !seen.has(id));
  $('log').ariaLive = source === 'history' ? 'off' : 'polite'; // Nobody wants it all read out.
  for (const message of fresh) {
    const own = message.sender.id === me.id;
    const time = element('time', when(message.timestamp));
    time.dateTime = time.title = message.timestamp;
    const by = element('p', element('b', message.sender.username), time, element('span', `#${message.id} ${source}`));
    const item = element('li', by, element('p', message.content));
    item.classList.toggle('mine', own);
    item.dataset.id = message.id;
    item.place = [message.timestamp.replace(/:(\d\d)Z$/, ':$1.000000Z'), message.id];
    let before = list.lastElementChild;
    while (before && later(before.place, item.place)) before = before.previousElementSibling;
    if (before) before.after(item); else list.prepend(item);
    seen.add(message.id);
    const heard = own ? unheard.findIndex(each => each.content === message.content) : -1;
    if (heard >= 0) unheard.splice(heard, 1);
  }
  if (follow || fresh.some(({sender}) => sender.id === me.id)) toEnd();
  else if (fresh.length) $('jump').hidden = false;
  return fresh.length;
}

const later = (a, b) => a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];

function when(timestamp) {
  const date = new Date(timestamp);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString([], today ? {timeStyle: 'short'} : {dateStyle: 'medium', timeStyle: 'short'});
}

function toEnd() {
  $('log').scrollTop = $('log').scrollHeight;
  $('jump').hidden = follow = true;
}
on('jump', 'click', () => { toEnd(); $('log').focus(); });
on('log', 'scroll', ({target}) => {
  follow = target.scrollHeight - target.scrollTop - target.clientHeight < 60;
  if (follow) $('jump').hidden = true;
});
// A keyboard on the screen or a longer draft takes space from below.
new ResizeObserver(() => { if (follow) toEnd(); }).observe($('log'));

function giveBack(drafts) {
  $('content').value = [...drafts.map(each => each.content), $('content').value].filter(Boolean).join('\n');
}

onSubmit($('say'), async ({via}) => {
  const visit = turn, content = $('content').value;
  if (via === 'rest') {
    const message = await api('POST', `chats/${chat.id}/send_message/`, {content});
    if (visit !== turn) return;
    add([message], 'REST');
  } else {
    if (socket?.readyState !== WebSocket.OPEN) throw new Error('Not connected: connect, or send by REST.');
    socket.send(JSON.stringify({content}));
    unheard.push({content, socket});
  }
  $('content').value = '';
  $('content').focus();
});

on('content', 'keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('send').click();
});
