// The contract as a page: reads openapi.json and shows it.

const make = (tag, options = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "class") element.className = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

/** Paragraphs, `code`, fenced code and lists: the part of Markdown that descriptions use. */
function prose(text) {
  const box = make("div");
  for (const block of (text ?? "").trim().split(/\n{2,}/)) {
    if (block.startsWith("```") || /^ {4}/.test(block)) {
      box.append(make("pre", {}, block.replace(/^```.*\n?|```$/gm, "").replace(/^ {4}/gm, "")));
      continue;
    }
    const paragraph = make(block.startsWith("#") ? "h4" : "p");
    for (const [, code, strong, soft, plain] of block.replace(/^#+ /, "").matchAll(/`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|([^`*]+|[`*])/g))
      paragraph.append(code ? make("code", {}, code) : strong ? make("strong", {}, strong) : soft ? make("em", {}, soft) : plain);
    box.append(paragraph);
  }
  return box;
}

let root;
const resolve = (node) => {
  let found = node;
  for (let depth = 0; found?.$ref && depth < 8; depth++)
    found = found.$ref.slice(2).split("/").reduce((at, key) => at?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], root);
  return found ?? {};
};

function typeName(schema) {
  if (schema?.$ref) return schema.$ref.split("/").pop();
  const one = resolve(schema);
  if (one.enum) return one.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (one.const !== undefined) return JSON.stringify(one.const);
  const several = one.oneOf ?? one.anyOf;
  if (several) return several.map(typeName).join(" | ");
  if (one.allOf) return one.allOf.map(typeName).join(" & ");
  if (one.type === "array") return `list of ${typeName(one.items)}`;
  if (one.type === "object" && one.additionalProperties?.type) return `object of ${typeName(one.additionalProperties)}`;
  return Array.isArray(one.type) ? one.type.join(" | ") : one.type ?? "any";
}

function bounds(schema) {
  const one = resolve(schema);
  const parts = [];
  if (one.minimum !== undefined || one.maximum !== undefined) parts.push(`${one.minimum ?? "…"} to ${one.maximum ?? "…"}`);
  if (one.maxLength !== undefined) parts.push(`at most ${one.maxLength} characters`);
  if (one.maxItems !== undefined) parts.push(`at most ${one.maxItems}`);
  if (one.default !== undefined) parts.push(`default ${JSON.stringify(one.default)}`);
  return parts.join(", ");
}

function fields(schema) {
  const one = resolve(schema);
  const properties = { ...one.properties };
  const required = [...(one.required ?? [])];
  for (const part of one.allOf ?? []) {
    Object.assign(properties, resolve(part).properties);
    required.push(...(resolve(part).required ?? []));
  }
  const rows = Object.entries(properties).map(([name, property]) => make("tr", {},
    make("td", {}, make("code", {}, name), required.includes(name) ? make("span", { class: "soft" }, " required") : null),
    make("td", {}, typeName(property)),
    make("td", {}, prose(property.description ?? resolve(property).description), make("span", { class: "soft" }, bounds(property)))));
  if (rows.length === 0) return null;
  return make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...rows)));
}

function operation(path, method, one) {
  const article = make("article", { id: one.operationId });
  article.append(make("h3", {}, make("span", { class: `method ${method}` }, method.toUpperCase()), " ", path), make("p", {}, make("strong", {}, one.summary ?? "")), prose(one.description));
  const parameters = (one.parameters ?? []).map(resolve);
  if (parameters.length > 0)
    article.append(make("h4", {}, "Parameters"), make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...parameters.map((parameter) => make("tr", {},
      make("td", {}, make("code", {}, parameter.name), make("span", { class: "soft" }, ` ${parameter.in}`)), make("td", {}, typeName(parameter.schema)), make("td", {}, prose(parameter.description), bounds(parameter.schema))))))));
  const body = resolve(one.requestBody).content?.["application/json"];
  if (body) {
    article.append(make("h4", {}, "Body: ", typeName(body.schema)));
    const table = fields(body.schema);
    if (table) article.append(table);
    const examples = body.example !== undefined ? [body.example] : Object.values(body.examples ?? {}).map((example) => resolve(example).value);
    for (const example of examples.slice(0, 3)) article.append(make("pre", {}, JSON.stringify(example, null, 2)));
  }
  article.append(make("h4", {}, "Answers"), make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...Object.entries(one.responses ?? {}).map(([status, response]) => {
    const found = resolve(response);
    const content = Object.entries(found.content ?? {}).map(([type, value]) => `${type}: ${typeName(value.schema)}`).join(", ");
    return make("tr", {}, make("td", {}, make("code", {}, status)), make("td", {}, prose(found.description), make("span", { class: "soft" }, content)));
  })))));
  return article;
}

function socketSection(socket) {
  const section = make("section", { id: "websocket" }, make("h2", {}, "WebSocket messages"), prose(socket.description));
  for (const side of ["client", "server"]) {
    if (!socket[side]) continue;
    section.append(make("h3", {}, side === "client" ? "From the client" : "From the service"));
    for (const [type, message] of Object.entries(socket[side])) {
      section.append(make("article", { id: `ws-${type}` }, make("h3", {}, type), prose(message.description),
        message.fields ? make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...Object.entries(message.fields).map(([name, meaning]) =>
          make("tr", {}, make("td", {}, make("code", {}, name)), make("td", {}, prose(typeof meaning === "string" ? meaning : meaning.description ?? JSON.stringify(meaning)))))))) : null));
    }
  }
  for (const [title, table] of [["Subprotocols", socket.subprotocols], ["Close codes", socket.close_codes]])
    if (table) section.append(make("h3", {}, title), make("div", { class: "scroll" }, make("table", {}, make("tbody", {}, ...Object.entries(table).map(([name, meaning]) =>
      make("tr", {}, make("td", {}, make("code", {}, name)), make("td", {}, prose(typeof meaning === "string" ? meaning : meaning.description ?? JSON.stringify(meaning)))))))));
  if (socket.binary) section.append(make("h3", {}, "Binary frames"), prose(typeof socket.binary === "string" ? socket.binary : socket.binary.description ?? JSON.stringify(socket.binary)));
  return section;
}

const content = document.getElementById("content");
const index = document.getElementById("index");
try {
  root = await (await fetch("/api/v1/openapi.json")).json();
  content.replaceChildren(make("h1", {}, root.info.title), prose(root.info.description));
  const groups = new Map((root.tags ?? []).map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(root.paths))
    for (const method of ["get", "post", "put", "delete"])
      if (item[method]) {
        const one = { ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])] };
        const tag = one.tags?.[0] ?? "Other";
        groups.set(tag, [...(groups.get(tag) ?? []), [path, method, one]]);
      }
  for (const [tag, operations] of groups) {
    if (operations.length === 0) continue;
    index.append(make("h2", {}, tag), make("ul", {}, ...operations.map(([path, method, one]) => make("li", {}, make("a", { href: `#${one.operationId}` }, one.summary ?? `${method} ${path}`)))));
    content.append(make("h2", {}, tag), ...operations.map((entry) => operation(...entry)));
  }
  if (root["x-websocket"]) {
    index.append(make("h2", {}, "WebSocket"), make("ul", {}, make("li", {}, make("a", { href: "#websocket" }, "Messages"))));
    content.append(socketSection(root["x-websocket"]));
  }
  content.append(make("h2", { id: "schemas" }, "Schemas"));
  for (const [name, schema] of Object.entries(root.components?.schemas ?? {}))
    content.append(make("article", { id: `schema-${name}` }, make("h3", {}, name), prose(schema.description), fields(schema) ?? make("p", { class: "soft" }, typeName(schema))));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
} catch (error) {
  content.replaceChildren(make("p", {}, `The contract cannot be shown: ${error.message}`));
}
document.body.dataset.ready = "true";
