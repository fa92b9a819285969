// Asks the device for a passkey and puts its answer into the form of the page, for callers and at the desk; and prints a
// sheet where there is one. What is hidden it shows where it works. It loads nothing, sends nothing by itself and keeps
// nothing.
"use strict";

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const toText = (buffer) => {
  const bytes = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

const readable = (options) => {
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const known of list ?? []) known.id = toBytes(known.id);
  }
  return options;
};

const answerOf = (credential) => {
  const response = { clientDataJSON: toText(credential.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    extensions: {},
    response,
  });
};

// A passkey is bound to a host; at another name of the same page it would be asked for in vain.
const works = (options) => {
  const host = options.rpId ?? options.rp.id;
  const isHere = location.hostname === host || location.hostname.endsWith(`.${host}`);
  return isHere && Boolean(window.PublicKeyCredential);
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  // The desk has no other way in: there the form is seen in any case, and says that it does not work.
  if (form.hidden && !works(JSON.parse(form.dataset.options))) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trouble = form.querySelector(".trouble");
    trouble.hidden = true;
    try {
      const publicKey = readable(JSON.parse(form.dataset.options));
      const made =
        form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
      form.elements.namedItem("credential").value = answerOf(made);
      form.submit();
    } catch (error) {
      trouble.hidden = false;
    }
  });
}

if (window.PublicKeyCredential) {
  for (const offer of document.querySelectorAll("[data-passkey-offer]")) offer.hidden = false;
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.addEventListener("click", () => window.print());
}
