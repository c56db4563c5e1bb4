// The menu of a message opens beside its button, with what its reader can do now; it closes when that is done.
(() => {
  const menu = document.getElementById("message-menu")
  const GAP = 4, MARGIN = 8
  let button = null

  // The message may have come anew while the menu was open, and its button with it.
  const current = () => (!button || button.isConnected ? button : document.querySelector(
    `[data-menu="${button.dataset.menu}"][href="${button.getAttribute("href")}"]`,
  ))
  const place = () => {
    const { top, bottom, right } = (current() ?? button).getBoundingClientRect()
    const below = bottom + GAP + menu.offsetHeight <= innerHeight - MARGIN
    menu.style.insetBlockStart = `${Math.max(MARGIN, below ? bottom + GAP : top - GAP - menu.offsetHeight)}px`
    menu.style.insetInlineStart = `${Math.max(MARGIN, right - menu.offsetWidth)}px`
  }
  const open = async (link, event) => {
    button = link
    menu.dataset.chat = bellwire.panes.of(link).chat
    await htmx.ajax("GET", link.getAttribute("href") + link.dataset.menu, { target: menu, swap: "innerHTML", source: link, event })
    if (button !== link || !menu.firstElementChild) return
    menu.showPopover()
    place()
    menu.querySelector("a, button")?.focus()
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-menu]")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    open(link, event)
  })
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return
    menu.replaceChildren()
    // What was at hand in the menu is gone: whoever goes on by keys does so where they were.
    if (document.activeElement === document.body) current()?.focus()
    button = null
  })
  menu.addEventListener("htmx:afterRequest", ({ target, detail }) => { if (detail.successful && target !== menu) menu.hidePopover() })
  menu.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!way) return
    event.preventDefault()
    const entries = [...menu.querySelectorAll("a, button")]
    entries.at((entries.indexOf(document.activeElement) + way) % entries.length).focus()
  })
})()
