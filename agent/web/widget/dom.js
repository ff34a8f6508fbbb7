// Making elements. Text only ever becomes a text node: nothing here reads markup.

export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name === "className") element.className = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SHAPES = {
  chat: ["M4 5.5h16v11H10.5L6 20v-3.5H4z", "M8 9.5h8", "M8 12.5h5"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  send: ["M4 12h13", "M11.5 6l6 6-6 6"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  arrow: ["M5 12h13", "M13 7l5 5-5 5"],
  warning: ["M12 4l9 16H3z", "M12 10v4.5", "M12 17.200v.3"],
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

// The absolute form of an http(s) or relative URL; an empty text for anything else (javascript:, data:, junk).
export function safeUrl(url, base) {
  try {
    const found = new URL(String(url), base);
    return found.protocol === "https:" || found.protocol === "http:" ? found.href : "";
  } catch {
    return "";
  }
}
