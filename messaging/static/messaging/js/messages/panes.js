// Panes: a chat on the page, its list of messages and its composer. A page has one; a thread may stand beside it.
//
// A script that does something for each pane has a part of it in `bellwire.parts`, whatever script comes first: a name and
// `make(pane)`, which is called for each that comes, and what it returns is `pane[name]` for other parts. `pane.ready(work)`
// waits until all parts are made; what a part listens to outside of the pane ends with that by `pane.signal`.
//
// Of its element a pane tells by events there: `bellwire:screen`, other messages are on the screen; `bellwire:reading`.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.panes = (() => {
  const panes = new WeakMap() // element → pane

  // Whoever looks at a chat needs no word of what is said in it.
  const muted = (chat) => {
    const sheet = new CSSStyleSheet()
    sheet.insertRule(`.bell-toast[data-subject="chat.${chat}"] { display: none }`)
    return sheet
  }
  const mute = ({ chat, signal }) => {
    const sheet = muted(chat)
    document.adoptedStyleSheets.push(sheet)
    signal.addEventListener("abort", () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
    })
  }

  const open = (element) => {
    const end = new AbortController(), works = []
    const pane = {
      element,
      chat: element.dataset.chat,
      list: element.querySelector("[data-messages]"),
      composer: element.querySelector(".composer"),
      fields: new Map(), // of its composer: see composer.js
      isLive: element.querySelector("[data-reading]") !== null,
      signal: end.signal,
      find: (selector) => element.querySelector(selector),
      tell: (what) => element.dispatchEvent(new Event(`bellwire:${what}`)),
      ready: (work) => works.push(work),
      close: () => {
        end.abort()
        element.remove()
      },
    }
    panes.set(element, pane)
    for (const [name, make] of bellwire.parts) pane[name] = make(pane)
    if (pane.isLive) mute(pane)
    for (const work of works) work()
    return pane
  }
  const of = (element) => panes.get(element?.closest("[data-pane]"))

  // Not before all scripts are there, in whatever order.
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-pane]").forEach(open))

  return { open, of }
})()
