// Sections of the list of chats: which are folded, and which chat is a favourite, as the list itself says it.
(() => {
  const list = () => document.getElementById("chats")
  const showFolded = () => {
    const folded = document.getElementById("chats-folded")?.dataset.folded.split(" ") ?? []
    for (const button of list()?.querySelectorAll("[data-heading] button") ?? []) {
      const isFolded = folded.includes(button.closest("[data-heading]").dataset.heading)
      button.setAttribute("aria-expanded", !isFolded)
      button.value = isFolded ? 0 : 1
    }
  }
  const showFavourites = () => {
    for (const form of document.querySelectorAll("[data-favourite]")) {
      const entry = document.getElementById(`chat-entry-${form.dataset.favourite}`)
      if (!entry) continue
      const button = form.querySelector("button"), isOn = entry.dataset.section === "favourites"
      button.setAttribute("aria-pressed", isOn)
      button.value = isOn ? 0 : 1
    }
  }

  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (!target.id.startsWith("chat")) return
    showFolded()
    showFavourites()
  })
})()
