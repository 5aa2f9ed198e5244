// Which chat is open.

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
