'use strict';
// What others wrote becomes text nodes, never markup; the page's policy sees to it.

const $ = id => document.getElementById(id);
const on = (id, event, action) => $(id).addEventListener(event, action);
const tell = (id, words) => { $(id).textContent = words; };

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

/** Children that are texts stay texts. */
function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function show(view) {
  document.body.dataset.view = view;
}
