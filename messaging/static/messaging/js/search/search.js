// The box to search in, over every page: by "/" (in a chat: there) or Ctrl+K, with Esc back to where one was.
(() => {
  const box = () => document.getElementById("search-box")
  const field = () => document.getElementById("search-field")
  const asked = (link) => (link ? new URL(link.href).searchParams.get("q") ?? "" : "")

  const open = (typed) => {
    if (box() && !box().open) box().showModal() // closed, it gives the focus back by itself
    if (box()) field().value = typed
    field().focus()
    field().setSelectionRange(field().value.length, field().value.length)
    if (box()) htmx.trigger(field(), "input")
  }

  const isTyping = ({ target }) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")
  const isTaken = () => document.querySelector("dialog:modal:not(#search-box)")
  document.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey, isComposing } = event
    if (isComposing || event.defaultPrevented || isTaken()) return
    if (key === "Escape" && box()?.open) {
      event.preventDefault() // Chromium takes it for a wish to empty the field
      box().close()
    }
    const isSlash = key === "/" && !ctrlKey && !metaKey && !altKey && !isTyping(event)
    const isCtrlK = key.toLowerCase() === "k" && (ctrlKey || metaKey) && !altKey && !shiftKey
    if (!isSlash && !isCtrlK) return
    event.preventDefault()
    open(isSlash ? asked(document.querySelector("main [data-search]")) : "")
  })

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-search]")
    if (!link || !box() || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    open(asked(link))
  })
  document.addEventListener("click", ({ target }) => {
    // What is around the box, and a message of the page that is open already.
    if (target === box() || target.closest("#search-box .hits a")) box().close()
  })

  const links = () => [...document.querySelectorAll("#found .card-chat, #found .more-hits a")]
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const all = links(), at = all.indexOf(document.activeElement)
    if (!step || event.ctrlKey || event.metaKey || event.altKey || (at < 0 && document.activeElement !== field())) return
    if (at + step >= all.length || (at < 0 && step < 0)) return
    event.preventDefault()
    ;(all[at + step] ?? field()).focus()
  })

  // What was asked too often is answered with when to ask again.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.xhr.status === 429 && detail.target.closest("#found")) detail.shouldSwap = true
  })

  // The address of the page says what is looked for, as after its form was sent.
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (box() || detail.target.id !== "found") return
    history.replaceState(history.state, "", `?${new URLSearchParams({ q: field().value })}`)
  })
})()
