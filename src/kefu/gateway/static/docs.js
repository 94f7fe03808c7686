"use strict";

// Everything is put in as text nodes: nothing of the document is ever read as HTML.
function make(tag, text, ...children) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

function nameOf(schema) {
  return schema && schema.$ref ? schema.$ref.split("/").pop() : "";
}

function link(schema) {
  const name = nameOf(schema);
  if (!name) return make("code", schema ? schema.type : "");
  const anchor = make("a", name);
  anchor.href = "#type-" + name;
  return anchor;
}

function row(first, content) {
  const cell = make("td");
  for (const [kind, media] of Object.entries(content || {})) {
    cell.append(make("code", kind), " ", link(media.schema), make("br"));
  }
  return make("tr", "", make("td", first), cell);
}

function call(method, path, operation) {
  const body = make("tbody");
  if (operation.requestBody) body.append(row("request", operation.requestBody.content));
  for (const [status, response] of Object.entries(operation.responses)) {
    body.append(row(status + " " + response.description, response.content));
  }
  const head = make("summary", "", make("b", method.toUpperCase()), make("code", path), " ", operation.summary);
  return make("details", "", head, make("table", "", body));
}

function type(name, schema) {
  const node = make("details", "", make("summary", "", make("code", name), " ", schema.description || ""));
  node.id = "type-" + name;
  node.append(make("pre", JSON.stringify(schema, null, 2)));
  return node;
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") target.open = true;
}

async function draw() {
  const response = await fetch("/openapi.json");
  const api = await response.json();
  document.getElementById("about").textContent = api.info.description;
  const calls = document.getElementById("calls");
  calls.replaceChildren(make("h2", "Calls"));
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) calls.append(call(method, path, operation));
  }
  const types = document.getElementById("types");
  for (const [name, schema] of Object.entries(api.components.schemas)) types.append(type(name, schema));
  openTarget();
}

addEventListener("hashchange", openTarget);
draw();
