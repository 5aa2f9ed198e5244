// REST, and refusals in words.

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
