// Replies: what is chosen in a message's menu stands above the composer until it is sent, or taken off.
//
// What is chosen is kept in this tab with the draft: a page that is loaded again has it.
window.bellwire ??= {}
bellwire.parts ??= new Map()
bellwire.parts.set("replies", ({ chat, element, composer, fields, signal, ready }) => {
  const slot = composer?.querySelector(".composer-reply")
  if (!slot) return
  const input = composer.elements.body
  const menu = document.getElementById("message-menu")
  const tab = sessionStorage
  const kept = `reply:${composer.dataset.draft}`
  const taken = new Map() // primary keys of what was answered → what the composer showed of them

  const chosen = () => slot.querySelector("[name=reply]")?.value ?? null
  const keep = () => {
    if (chosen()) tab.setItem(kept, chosen())
    else tab.removeItem(kept)
  }
  const choose = (address) => htmx.ajax("GET", address, { target: slot, swap: "innerHTML" }).then(keep)
  const addressOf = (pk) => slot.dataset.address.replace("/0/", `/${pk}/`)
  const takeOff = () => {
    const pk = chosen()
    if (pk) taken.set(pk, slot.firstElementChild)
    slot.replaceChildren()
    keep()
    return pk
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    const link = event.target.closest(".menu-entry[href$='/reply/'], [data-no-reply]")
    if (!link || !(element.contains(link) || (menu.contains(link) && menu.dataset.chat === chat))) return
    event.preventDefault()
    if (link.matches("[data-no-reply]")) takeOff()
    else choose(link.href)
    menu.hidePopover()
    input.focus()
  }, { signal })
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && takeOff()) event.preventDefault()
  })

  fields.set("reply", {
    isFilled: () => false, // an answer is nothing without words
    take: takeOff,
    put: (parameters, pk) => { if (pk) parameters.set("reply", pk); else parameters.delete("reply") },
    // Of several that come back the first one stands in the box first, and its text with it.
    giveBack: (pk) => {
      if (chosen()) return
      if (taken.has(pk)) slot.replaceChildren(taken.get(pk))
      else choose(addressOf(pk))
      keep()
    },
  })

  ready(() => {
    const before = tab.getItem(kept)
    if (!chosen() && before) choose(addressOf(before))
    else keep()
  })
})
