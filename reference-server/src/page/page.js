'use strict';
// What others wrote becomes text nodes, never markup; the page's policy sees to it.

const $ = id => document.getElementById(id);
const on = (id, event, action) => $(id).addEventListener(event, action);
const tell = (id, words) => { $(id).textContent = words; };
const BACKOFF = {first: 500, longest: 30_000, steady: 5_000}; // milliseconds
const MEANING = {
  1000: 'The server closed the connection.',
  1001: 'The server is going away.',
  1006: 'The connection was refused or lost.',
  1009: 'The message was too long for the server.',
  1012: 'The server asks to connect again; messages may have been missed.',
  1013: 'This connection was too slow; messages may have been missed.',
};

let me = null; // the User who is logged in
let chats = []; // as last listed
let chat = null; // the one that is open
let socket = null; // its WebSocket; null when closed
let retry = 0; // the timer that opens the next one
let attempt = 0; // how many in a row were short-lived
let turn = 0; // counts visits to chats: an answer to an earlier one is dropped
let seen = new Set(); // ids of the messages shown
let follow = true; // the newest message stays in view
let unheard = []; // sent and not heard back: {content, socket}

/* REST */

/** Why a request was not fulfilled, fit to be shown. */
class Refusal extends Error {
  constructor(status, body) {
    super(inWords(body) || (status ? `The server answered with status ${status}.` : 'The server cannot be reached.'));
    this.status = status;
    this.fields = Object.keys(body ?? {});
  }
}

/** FieldErrors, however nested, as lines. */
function inWords(body, field = '') {
  if (typeof body === 'string') return field ? `${field}: ${body}` : body;
  if (!body || typeof body !== 'object') return '';
  return Object.entries(body).map(([key, value]) => {
    if (Array.isArray(body) || ['detail', 'error', 'non_field_errors'].includes(key)) return inWords(value, field);
    if (field) return inWords(value, `${field}, ${Number(key) + 1}.`);
    return inWords(value, (key[0].toUpperCase() + key.slice(1)).replaceAll('_', ' '));
  }).filter(Boolean).join('\n');
}

async function api(method, path, body) {
  const headers = {Accept: 'application/json'};
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  if (method !== 'GET' && token) headers['X-CSRFToken'] = token[1];
  if (body) headers['Content-Type'] = 'application/json';
  let answer, text, data;
  try {
    answer = await fetch(`/api/${path}`, {method, headers, body: body && JSON.stringify(body), cache: 'no-store'});
    text = await answer.text();
  } catch {
    throw new Refusal(0);
  }
  try { data = JSON.parse(text); } catch { data = null; }
  if (answer.ok && data !== null) return data;
  const refusal = new Refusal(answer.status, data);
  if (me && answer.status === 403 && !refusal.message.startsWith('CSRF')) signedOut('Your session has ended. Log in again.');
  throw refusal;
}

/** Runs `action` on submit, one at a time, and shows why it was refused. */
function onSubmit(form, action) {
  const error = form.querySelector('.error');
  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (form.ariaBusy === 'true') return;
    form.ariaBusy = 'true';
    error.textContent = '';
    for (const field of form.elements) field.ariaInvalid = null;
    try {
      await action(Object.fromEntries(new FormData(form)));
    } catch (refusal) {
      error.textContent = refusal.message;
      const wrong = [...form.elements].filter(field => refusal.fields?.includes(field.name));
      for (const field of wrong) field.ariaInvalid = 'true';
      wrong[0]?.focus();
    }
    form.ariaBusy = 'false';
  });
}

/* Accounts */

onSubmit($('account'), async ({mode, ...fields}) => {
  if (mode === 'register') {
    await api('POST', 'register/', fields);
    fields.password = fields.password.trim(); // Registration trims it, login does not.
    $('account').elements.mode.value = 'login';
    showMode();
  }
  me = await api('POST', 'login/', {username: fields.username, password: fields.password});
  $('account').reset();
  await signedIn();
});

on('account', 'change', showMode);
on('account', 'reset', () => queueMicrotask(showMode));
function showMode() {
  const register = $('account').elements.mode.value === 'register';
  $('newcomer').hidden = $('newcomer').disabled = !register;
  tell('enter', register ? 'Register and log in' : 'Log in');
  $('account').elements.password.autocomplete = register ? 'new-password' : 'current-password';
}

async function signedIn() {
  $('me').replaceChildren(element('b', me.username), element('span', `id ${me.id}, ${me.user_type}`));
  tell('ids-hint', `Ids, separated by commas. You are ${me.id}, and take part anyway.`);
  show('chats');
  $('chats-title').focus();
  await listChats();
  await followAddress();
}

function signedOut(why) {
  leave();
  me = null;
  chats = [];
  $('chats').replaceChildren();
  $('create').reset();
  $('content').value = '';
  tell('account-error', why);
  show('gate');
  $('account').elements.username.focus();
}

on('logout', 'click', async () => {
  disconnect();
  try {
    await api('POST', 'logout/');
    history.replaceState(null, '', location.pathname);
    signedOut('');
  } catch (refusal) {
    tell('chats-error', refusal.message);
  }
});

/* Chats */

async function listChats() {
  tell('chats-error', '');
  try {
    chats = await api('GET', 'chats/');
  } catch (refusal) {
    tell('chats-error', refusal.message);
    return;
  }
  $('chats').replaceChildren(...chats.map(each => {
    const button = element('button', element('b', each.name), element('span', `#${each.id} · ${names(each)}`));
    button.dataset.chat = each.id;
    button.addEventListener('click', () => openChat(each.id));
    return element('li', button);
  }));
  markCurrent();
}

on('refresh', 'click', listChats);

onSubmit($('create'), async ({name, participant_ids}) => {
  const ids = participant_ids.split(/[\s,;]+/).filter(Boolean);
  const made = await api('POST', 'chats/', {name, participant_ids: ids});
  $('create').reset();
  $('create').closest('details').open = false;
  await listChats();
  await openChat(made.id);
});

async function openChat(id) {
  leave();
  const visit = ++turn;
  let found = chats.find(each => each.id === id);
  try {
    found ??= await api('GET', `chats/${id}/`);
  } catch (refusal) {
    tell('chats-error', refusal.message);
    return show('chats');
  }
  if (visit !== turn) return;
  chat = found;
  history.replaceState(null, '', `#chat-${id}`);
  tell('title', chat.name);
  tell('people', `#${chat.id} · ${names(chat)}`);
  usable(true);
  markCurrent();
  show('room');
  // A phone's keyboard would cover what there is to read.
  (matchMedia('(pointer: fine)').matches ? $('content') : $('title')).focus();
  connect();
}

function leave() {
  turn++;
  disconnect();
  chat = null;
  seen = new Set();
  unheard = [];
  $('messages').replaceChildren();
  tell('room-error', '');
  toEnd();
  markCurrent();
}

on('back', 'click', () => {
  const id = chat?.id;
  leave();
  history.replaceState(null, '', location.pathname);
  show('chats');
  (document.querySelector(`[data-chat="${id}"]`) ?? $('chats-title')).focus();
});

/** `#chat-7` in the address opens that chat, after a reload too. */
async function followAddress() {
  const id = Number(location.hash.match(/^#chat-(\d+)$/)?.[1]);
  if (me && id && id !== chat?.id) await openChat(id);
}
addEventListener('hashchange', followAddress);

function markCurrent() {
  $('room').classList.toggle('nochat', !chat);
  for (const button of document.querySelectorAll('[data-chat]')) {
    button.ariaCurrent = button.dataset.chat === String(chat?.id);
  }
}

const names = ({participants}) => participants.map(user => user.username).join(', ');

/* The connection */

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
  // Half of it by chance, so that the clients of a restarted server do not come all at once.
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

/* Messages */

function hear(text) {
  let event;
  try { event = JSON.parse(text); } catch { event = null; }
  if (event?.type === 'message') {
    add([event.message], 'live');
  } else {
    const draft = event?.type === 'error' && unheard.pop();
    if (draft) giveBack([draft]);
    tell('room-error', event?.message ?? 'The server sent an unknown frame.');
  }
}

async function readHistory() {
  const visit = turn, line = socket, first = !seen.size;
  try {
    const messages = await api('GET', `chats/${chat.id}/messages/`);
    if (visit !== turn) return;
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
    if (content) unheard.push({content, socket});
  }
  $('content').value = '';
  $('content').focus();
});

on('content', 'keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('send').click();
});

/* The page */

/** Children that are texts stay texts. */
function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function show(view) {
  document.body.dataset.view = view;
}

(async () => {
  showMode();
  try {
    me = await api('GET', 'me/');
  } catch (refusal) {
    return signedOut(refusal.status === 403 ? '' : refusal.message);
  }
  await signedIn();
})();
