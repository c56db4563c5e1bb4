// Links to messages: one is copied from a message's menu. What was fetched for a reader outlives a change of the message
// with the link, and follows one of the message that it leads to: it stays until its new text is there.
(() => {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest(".menu-entry[href*='#message-']")
    if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    try {
      await navigator.clipboard.writeText(link.href)
      link.setAttribute("aria-live", "polite")
      link.lastChild.textContent = "Link copied"
    } catch {
      location.assign(link.href) // where the browser does not let it, the address is what the page has then
    }
  })

  document.addEventListener("bellwire:replace", ({ target, detail: { fresh } }) => {
    for (const place of fresh.querySelectorAll("[data-kept]")) {
      const had = target.querySelector(`#${place.id}`)
      if (!had?.firstElementChild) continue
      place.replaceChildren(...[...had.children].map((child) => child.cloneNode(true)))
      place.removeAttribute("hx-get")
    }
  })

  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (target.id !== "quoted-news") return
    const { message, address } = document.getElementById("quoted-news").dataset
    for (const place of document.querySelectorAll(`[data-quoted="${message}"]`)) {
      if (!address) place.replaceChildren()
      else if (place.firstElementChild) htmx.ajax("GET", address, { target: place, swap: "innerHTML", source: place })
    }
  })
})()
