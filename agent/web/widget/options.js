// What the page asked for, from the data attributes of the script tag.

import { safeUrl } from "./dom.js";

const SCRIPT = document.currentScript;

function readOptions(script) {
  const data = script ? script.dataset : {};
  const home = script && script.src ? new URL(script.src).origin : location.origin;
  return {
    api: safeUrl(data.api || "/", home).replace(/\/+$/, ""),
    store: safeUrl(data.store || data.api || "/", home),
    shop: data.shop || "",
    accent: data.accent || "",
    theme: data.theme || "",
    side: data.side === "left" ? "left" : "right",
    shopperToken: data.shopperToken || "",
    mount: data.mount !== "no",
  };
}

export const OPTIONS = readOptions(SCRIPT);
