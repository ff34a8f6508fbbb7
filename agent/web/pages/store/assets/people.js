// The demo's sign-in: a real shop's server would check a password and sign the token.

import { ask, chat, keepShopper, make, shopper } from "./shop.js";

export async function startDemo(changed) {
  if (document.body.dataset.demo !== "yes") return;
  const select = document.getElementById("people");
  const { shoppers } = await ask("/api/demo/shoppers");
  fillSelect(select, shoppers);
  fillDialog(shoppers, (id) => signIn(id, select, changed));
  select.addEventListener("change", () => signIn(select.value, select, changed));
  document.addEventListener("store-signed-out", () => signIn("", select, changed));
  document.addEventListener("shopkeeper-sign-in", () => document.getElementById("sign-in").showModal());
  const person = shopper();
  if (person) {
    select.value = person.id;
    whenChat((element) => element.signIn(person.token));
  } else whenChat((element) => element.signedIn && element.signOut());
}

function fillSelect(select, people) {
  for (const person of people) {
    const option = make("option", "", `${person.name} (${person.about})`);
    option.value = person.id;
    select.append(option);
  }
}

function fillDialog(people, choose) {
  const list = document.getElementById("sign-in-people");
  for (const person of people.slice(0, 8)) {
    const button = make("button", "person", make("strong", "", person.name), make("span", "", person.about));
    button.addEventListener("click", () => choose(person.id));
    list.append(button);
  }
}

async function signIn(id, select, changed) {
  select.value = id;
  if (id) {
    const { shopper_token: token, name } = await ask("/api/demo/sign-in", { shopper: id });
    keepShopper({ id, name, token });
    whenChat((element) => element.signIn(token));
  } else {
    keepShopper(null);
    whenChat((element) => element.signOut());
  }
  changed();
}

async function whenChat(then) {
  await customElements.whenDefined("shopkeeper-chat");
  try {
    if (chat()) await then(chat());
  } catch (problem) {
    console.info("the chat could not be told who is signed in:", problem.message);
  }
}
