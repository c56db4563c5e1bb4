// The list of chats: an entry that comes stands in its place, and one that is not in it is fetched when something is said there.
(() => {
  const OF_AN_ENTRY = /id="((cursor-members|chat-read|chat-title)-(\d+))"/g
  const list = () => document.getElementById("chats")
  const key = (entry) => entry.querySelector(".chat-title").textContent.toLowerCase()

  // Of very many chats the page lists only some. What comes of others is kept here until their entries are there.
  const beside = document.createElement("div")
  beside.hidden = true

  const placed = new WeakSet()
  const entries = () => [...list().querySelectorAll(":scope > [data-kind]")]
  // An entry stands below the heading of its section, by its title.
  const put = (entry) => {
    const { section } = entry.dataset
    const heading = list().querySelector(`[data-heading="${section}"]`)
    const others = entries().filter((other) => other !== entry && placed.has(other) && other.dataset.section === section)
    const before = others.findLast((other) => key(other) <= key(entry)) ?? heading
    placed.add(entry)
    if (before.nextElementSibling === entry) return
    const { activeElement } = document
    before.after(entry)
    if (entry.contains(activeElement)) activeElement.focus()
  }
  const place = () => {
    for (const entry of entries()) if (!placed.has(entry)) put(entry)
    for (const waiting of [...beside.children]) if (list().querySelector(`#${waiting.id}`)) waiting.remove()
  }
  // Not by htmx, for which each is one more request of the same element, that may be gone with a list that came afresh.
  const fetchEntry = async (address) => {
    // Without an answer the page is cut off, and the whole list comes when it is back.
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null)
    if (answer?.ok) htmx.swap(document.body, await answer.text(), { swapStyle: "none" })
  }

  // Wherever else a page says the name of a room, as the head of a thread there does.
  const showName = (pk) => {
    const { textContent } = document.getElementById(`chat-title-${pk}`)
    for (const place of document.querySelectorAll(`[data-name-of="${pk}"]`)) place.textContent = textContent
  }

  const addressOf = (pk) => list().dataset.entries.replace("/0/", `/${pk}/`)

  // Whoever sends a whole list of very many knows not which chat is open: its entry stays.
  const open = document.getElementById("reading")?.dataset.chat
  const current = () => document.getElementById(`chat-entry-${open}`)
  let wasListed = false
  const keepCurrent = async () => {
    if (!wasListed || current()) return
    await fetchEntry(addressOf(open))
    current()?.scrollIntoView({ block: "nearest" })
  }
  document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
    const [, named] = /^chat-title-(\d+)$/.exec(detail.target.id) ?? []
    if (named) {
      showName(named)
      put(document.getElementById(`chat-entry-${named}`))
    }
    if (detail.target.id !== "chats") return
    place()
    keepCurrent()
  })

  document.addEventListener("DOMContentLoaded", () => { for (const entry of list() ? entries() : []) placed.add(entry) })
  document.addEventListener("htmx:wsBeforeMessage", ({ detail: { message } }) => {
    if (!list() || typeof message !== "string") return
    wasListed = current() !== null
    for (const [, id, what, pk] of message.matchAll(OF_AN_ENTRY)) {
      if (document.getElementById(id) || message.includes(`id="chat-entry-${pk}"`)) continue
      beside.append(Object.assign(document.createElement("data"), { id }))
      list().after(beside)
      if (what === "cursor-members") fetchEntry(addressOf(pk))
    }
  })
})()
