// Beside: where there is room, a thread opens beside its chat, and the address says so. Esc, its button and the browser's
// way back close it. What is narrower has it on a page of its own.
(() => {
  const panes = document.querySelector("[data-panes]")
  const isWide = matchMedia("(width >= 69rem)") // as threads.css has it
  const beside = () => panes.querySelector(":scope > .is-beside")
  const main = () => bellwire.panes.of(panes.firstElementChild)
  const addressOf = (thread) => panes.dataset.panes.replace("/0/", `/${thread}/`)
  const asked = () => new URLSearchParams(location.search).get("thread")
  let turn = 0 // how often one was asked for: an answer that comes late is none

  const note = (thread) => {
    const address = new URL(location)
    address.hash = ""
    if (thread) address.searchParams.set("thread", thread)
    else address.searchParams.delete("thread")
    // From one thread to another the way back is the same.
    if (thread && !beside()) history.pushState({ isBeside: true }, "", address)
    else history.replaceState(history.state, "", address)
  }
  const drop = () => {
    turn += 1
    bellwire.panes.of(beside())?.close()
  }
  const show = (html) => {
    drop()
    panes.insertAdjacentHTML("beforeend", html.trim())
    htmx.process(beside())
    const { composer, list } = bellwire.panes.open(beside())
    bellwire.socket.keepUp();
    (composer?.elements.body ?? list).focus()
  }
  // Where it cannot be had so, its page says why, or has it.
  const load = async (address, request, instead) => {
    const mine = turn += 1
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href }
    const answer = await fetch(address, { ...request, headers }).catch(() => null)
    const html = await answer?.text()
    if (mine !== turn) return
    const led = answer?.headers.get("HX-Redirect")
    if (led || !answer?.ok) return location.assign(led ?? instead)
    const { chat } = new DOMParser().parseFromString(html, "text/html").querySelector("[data-pane]").dataset
    if (asked() !== chat) note(chat)
    show(html)
  }
  const open = (address) => {
    const { pathname, search } = new URL(address, location)
    return load(`${pathname}${search}${search ? "&" : "?"}beside`, {}, pathname + search)
  }

  const leave = () => {
    const { chat } = beside().dataset
    drop()
    bellwire.socket.keepUp();
    (main().find(`.answers a[href="${addressOf(chat)}"]`) ?? main().composer?.elements.body ?? main().list).focus()
  }
  const close = () => {
    leave()
    if (history.state?.isBeside) history.back()
    else note(null)
  }
  const follow = () => {
    const thread = asked()
    if (thread === (beside()?.dataset.chat ?? null)) return
    if (thread) open(addressOf(thread))
    else leave()
  }

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    const link = event.target.closest(".answers a, .copied a, [data-close-beside]")
    if (!link || (!isWide.matches && !link.matches("[data-close-beside]"))) return
    event.preventDefault()
    if (link.matches("[data-close-beside]")) close()
    else open(link.href)
  })
  document.addEventListener("submit", (event) => {
    const { target } = event
    if (!isWide.matches || !target.matches("#message-menu [action$='/thread/']")) return
    event.preventDefault()
    load(target.action, { method: "POST", body: new FormData(target) }, target.action)
    document.getElementById("message-menu").hidePopover()
  })
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return
    if (beside()?.contains(event.target) && !event.target.closest(".edit")) close()
  })
  addEventListener("popstate", follow)
  // Of a thread that is gone, or that its reader may see no more, the server takes the pane away.
  new MutationObserver((records) => {
    const removed = records.flatMap(({ removedNodes }) => [...removedNodes])
    const gone = removed.find((node) => node.nodeType === Node.ELEMENT_NODE && !bellwire.panes.of(node).signal.aborted)
    if (!gone) return
    bellwire.panes.of(gone).close()
    note(null)
  }).observe(panes, { childList: true })
})()
