// Who is here.

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

(async () => {
  showMode();
  try {
    me = await api('GET', 'me/');
  } catch (refusal) {
    return signedOut(refusal.status === 403 ? '' : refusal.message);
  }
  await signedIn();
})();
