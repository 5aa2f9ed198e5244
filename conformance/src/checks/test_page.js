// Finds on a page what a person would use, by what it says of itself: arguments are what to find, and a text.
const shown = element => element.checkVisibility({visibilityProperty: true}) && !element.disabled;
const all = selector => [...document.querySelectorAll(selector)].filter(shown);
const words = field =>
  [field.name, field.id, field.placeholder, field.ariaLabel, ...[...(field.labels ?? [])].map(label => label.innerText)]
    .join(' ')
    .toLowerCase();
const fields = all('textarea, input:not([type]), input[type=text], input[type=search], input[type=number]');
const buttons = all('button, input[type=submit], input[type=button], [role=button]');
const named = (pattern, but) =>
  buttons.find(button => {
    const name = `${button.innerText} ${button.value} ${button.ariaLabel ?? ''} ${button.id}`.toLowerCase();
    return pattern.test(name) && !but?.test(name);
  });
const last = list => list[list.length - 1];
const isChat = field => /chat|room/.test(words(field)) && !/message|content|text/.test(words(field));

return {
  // The innermost of what can be clicked and tells the chat's name.
  'chat': text => last(all('button, a, li, tr, [role=button], [onclick]').filter(each => each.innerText.includes(text))),
  'chat field': () => fields.find(isChat),
  'connect button': () => named(/connect|join|open|enter/, /disconnect|close/),
  'message field': () =>
    fields.find(field => !isChat(field) && /message|content|text|say/.test(words(field))) ??
    fields.find(field => field.tagName === 'TEXTAREA'),
  'send button': () => named(/send|say|post/),
  'password field': () => all('input[type=password]')[0],
  'username field': () =>
    last(all('input:not([type]), input[type=text], input[type=email], input[type=password]')
      .filter((field, n, list) => n < list.findIndex(each => each.type === 'password'))),
}[arguments[0]](arguments[1]) ?? null;
