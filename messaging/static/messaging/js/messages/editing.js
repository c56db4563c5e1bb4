// Editing: Esc cancels, the arrow up in an empty composer edits one's last message, the focus goes back to where it was, and
// what is being written outlives a change of the same message from elsewhere.
(() => {
  const held = new Map() // id of a message that is being edited → what it has become meanwhile
  let from = null // who edits comes back to the composer, if that is where they were

  const isNewer = (fresh, shown) => bellwire.cursors.seqOf(fresh) > bellwire.cursors.seqOf(shown)

  document.addEventListener("keydown", (event) => {
    const { target, key, isComposing } = event
    if (isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return
    if (key === "Escape") target.closest(".edit")?.querySelector("[data-cancel]").click()
    const pane = bellwire.panes.of(target)
    if (key === "ArrowUp" && pane?.composer && target === pane.composer.elements.body && !target.value) {
      const own = `:scope > [data-author="${pane.composer.dataset.person}"] .is-edit`
      const last = [...pane.list.querySelectorAll(own)].at(-1)
      if (!last) return
      event.preventDefault()
      from = target
      last.click()
    }
  })

  // For all messages at once: fifty of them that say it each are nine kilobytes more, and as much for htmx to go through.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".action:is(.is-edit, .is-delete)")
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const message = link.closest(".message"), by = { source: link, event }
    if (link.matches(".is-edit")) {
      htmx.ajax("GET", link.href, { ...by, target: message.querySelector(":scope > .message-body"), swap: "innerHTML" })
    } else if (confirm(document.getElementById("message-menu").dataset.deletion)) {
      htmx.ajax("DELETE", link.href, { ...by, target: message, swap: "outerHTML" })
    }
  })

  const isLost = () => document.activeElement === document.body
  // The same in the message as it is now: what was pressed in it is at hand again.
  const twin = (message, was) => {
    const key = (element) => element.className.replace(/\s*htmx-\S+/g, "") + element.getAttribute("hx-vals")
    return [...message.querySelectorAll("a, button")].find((element) => key(element) === key(was))
  }
  const focus = (message, was) => {
    const edit = message.querySelector(".is-edit")
    if (!edit) message.tabIndex = -1
    if (isLost()) (from ?? (was && twin(message, was)) ?? edit ?? message).focus()
    from = null
  }

  document.addEventListener("bellwire:replace", (event) => {
    const { target, detail: { fresh } } = event
    if (!target.matches(".message")) return
    const { activeElement } = document
    const form = target.querySelector(".edit")
    if (!form) {
      if (target.contains(activeElement)) queueMicrotask(() => focus(document.getElementById(target.id), activeElement))
      return
    }
    event.preventDefault()
    // In a list that comes afresh the message is moved, and moving takes the focus.
    if (form.contains(activeElement)) queueMicrotask(() => activeElement.focus())
    if (isNewer(fresh, target)) held.set(target.id, fresh)
    // What comes while the form is on its way is most probably what it has changed itself.
    if (!held.has(target.id) || form.matches(".htmx-request, :has(.htmx-request)")) return
    const news = fresh.querySelector(".is-edit") ? "changed" : "deleted"
    for (const line of form.querySelectorAll("[data-news]")) line.hidden = line.dataset.news !== news
  })

  // What was held back is newer than an answer that was made before it.
  const newest = (message) => {
    const fresh = held.get(message.id)
    held.delete(message.id)
    if (!isNewer(fresh, message)) return message
    message.replaceWith(fresh)
    htmx.process(fresh)
    return fresh
  }
  // As of the composer: what is lost with the page, or by having to sign in, is there when the form is opened again.
  const key = (message) => `draft:${message.dataset.author}.${message.id}`
  document.addEventListener("input", ({ target }) => {
    if (target.matches(".edit textarea")) sessionStorage.setItem(key(target.closest(".message")), target.value)
  })

  document.addEventListener("htmx:afterSwap", ({ target, detail }) => {
    const field = target.querySelector(":scope > .edit textarea")
    if (field) {
      field.value = sessionStorage.getItem(key(target.closest(".message"))) ?? field.value
      field.setSelectionRange(field.value.length, field.value.length)
    } else if (detail.requestConfig?.elt.closest(".edit, .is-delete") && target.matches("article.message")) {
      sessionStorage.removeItem(key(target))
      focus(newest(target))
    }
  })
  // A form that could not be sent goes on where it was.
  document.addEventListener("htmx:afterRequest", ({ target }) => {
    if (target.matches(".edit") && isLost()) target.elements.body.focus()
  })
})()
