#!/bin/sh
# htmx-ext-ws 2.0.4 with htmx.org 2.0.10: one element with ws-connect opens two WebSockets to the same address
#   - when it has any other attribute of htmx's, like hx-get for where there is no socket, and hx-ext="ws" stands around it;
#   - when hx-ext="ws" is named on two elements around it.
# It opens one where hx-ext="ws" stands on the element itself and nowhere around it. Why: the extension opens sockets for the
# whole subtree of each element that htmx processes, and htmx processes such an element once more by itself.
#
# Output seen (Node 20, jsdom 26.1.0):
#   around: 1
#   around, and hx-get: 2
#   around twice: 2
#   on itself, and hx-get: 1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund htmx.org@2.0.10 htmx-ext-ws@2.0.4 jsdom@26.1.0
cat >count.js <<'SCRIPT'
const { JSDOM } = require("jsdom")
const source = (name) => require("fs").readFileSync(require.resolve(name), "utf8")

const sockets = (body) => new Promise((done) => {
  const { window } = new JSDOM(`<!DOCTYPE html>${body}`, { runScripts: "outside-only", url: "http://localhost/" })
  let count = 0
  window.WebSocket = class extends window.EventTarget {
    constructor() { super(); count++ }
    close() {}
  }
  // jsdom wants to be told the type of a result, which browsers leave open.
  const { evaluate } = window.XPathExpression.prototype
  window.XPathExpression.prototype.evaluate = function (node) { return evaluate.call(this, node, 4, null) }
  window.eval(`${source("htmx.org/dist/htmx.js")}; window.htmx = htmx`)
  window.eval(source("htmx-ext-ws/dist/ws.js"))
  window.document.addEventListener("htmx:load", () => window.setTimeout(() => { done(count); window.close() }))
})

const pages = {
  "around": '<body hx-ext="ws"><p ws-connect="/a"></p>',
  "around, and hx-get": '<body hx-ext="ws"><p ws-connect="/a" hx-get="/b" hx-trigger="poll"></p>',
  "around twice": '<body hx-ext="ws"><main hx-ext="ws"><p ws-connect="/a"></p></main>',
  "on itself, and hx-get": '<body><p hx-ext="ws" ws-connect="/a" hx-get="/b" hx-trigger="poll"></p>',
}
;(async () => {
  for (const [name, body] of Object.entries(pages)) console.log(`${name}: ${await sockets(body)}`)
})()
SCRIPT
node count.js | tee seen
printf 'around: 1\naround, and hx-get: 2\naround twice: 2\non itself, and hx-get: 1\n' | cmp - seen
