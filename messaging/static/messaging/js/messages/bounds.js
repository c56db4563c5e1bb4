// The list is bounded: when it has become long, the end that is further from the screen goes, and a link leads to it.
//
// What is near the screen stays, and what somebody is at stays for long. Nothing is read by going.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("bounds", (pane) => {
  const MOST = 150, KEPT = 100, NEAR = 50
  const PATIENCE = 300 // past that goes what somebody is at, too: the text of an open form is kept as a draft
  const { list } = pane
  const links = pane.find("[data-ends]").content
  const number = (message) => Number(message.dataset.number)
  let away = null // the line that has gone, and the number of the message that it stood above

  const keepLine = () => {
    const line = list.querySelector(":scope > .line")
    if (line) away = { line, above: number(line.nextElementSibling) }
  }
  const bringLine = () => {
    const message = away && list.querySelector(`:scope > [data-number="${away.above}"]`)
    if (!message) return
    if (!list.querySelector(":scope > .line")) message.before(away.line)
    away = null
  }

  const drop = (kept, isAbove) => {
    const edge = () => (isAbove ? list.firstChild : list.lastChild)
    const link = links.querySelector(isAbove ? ".older" : ".newer").cloneNode(true)
    for (const name of ["href", "hx-get"]) link.setAttribute(name, link.getAttribute(name).replace(/\d+$/, number(kept)))
    if (!isAbove) link.dataset.newer = pane.scroll.newest()
    keepLine()
    while (edge() !== kept) edge().remove()
    edge()[isAbove ? "before" : "after"](link)
    htmx.process(link)
    bringLine()
  }

  const isAt = (message) => {
    const selection = getSelection()
    const isSelected = !selection.isCollapsed && selection.containsNode(message, true)
    return isSelected || message.contains(document.activeElement) || message.querySelector(".edit") !== null
  }
  // Of what is to go, that which stands outside of everything that somebody is at.
  const loose = (messages) => {
    const held = messages.findIndex(isAt)
    return held < 0 || list.childElementCount > PATIENCE ? messages : messages.slice(0, held)
  }
  const isOnScreen = (message) => {
    const { top, bottom } = message.getBoundingClientRect(), log = list.parentElement.getBoundingClientRect()
    return bottom > log.top && top < log.bottom
  }

  const trim = () => {
    const messages = [...list.children].filter((child) => child.dataset.number)
    const first = messages.findIndex(isOnScreen), last = messages.findLastIndex(isOnScreen)
    const near = Math.max(NEAR, last - first)
    const above = first - near, below = messages.length - 1 - last - near
    const isAbove = above > below
    const count = Math.min(isAbove ? above : below, messages.length - KEPT)
    const isAsked = (isAbove ? list.firstElementChild : list.lastElementChild).matches(".htmx-request")
    if (first < 0 || count <= 0 || isAsked) return
    const going = loose(isAbove ? messages.slice(0, count) : messages.slice(-count).reverse())
    if (going.length) drop(messages.at(isAbove ? going.length : -going.length - 1), isAbove)
  }

  const tend = () => {
    bringLine()
    if (list.childElementCount > MOST) trim()
  }
  // After all that is done to what has come.
  pane.ready(() => new MutationObserver(tend).observe(list, { childList: true }))
})
